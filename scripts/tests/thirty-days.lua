-- Stories begin on a Monday at ten. Day 21 is a Sunday: the invitation waits until Monday, day 22.
-- Stories assume that there are channels for mail, calls and letters, whatever nurture.conf says; channels = { … } names those that there are.
test "without a telephone channel: the thirty days, each mail on its day, then every month" { channels = { "email" },
  lead { email = "lead-1@example.com", country = "US", time_zone = "America/New_York" },
  day(1), event "asset.download" { subject = "security-guide" }, expect { email = "thanks-for-reading" },
  day(2), expect { email = "nothing" },
  day(3), expect { email = "key-benefits" },
  day(5), expect { held = "no channel" },
  day(8), expect { email = "nothing", handoff = "nothing" },
  day(22), expect { email = "seminar-invitation" },
  day(24), expect { email = "newsletter" },
}

test "who decides now is with sales at once, and is written to no more" {
  lead { email = "lead-31@example.com", country = "US", time_zone = "America/New_York", phone = "+1 202 555 0131" },
  event "asset.download" { subject = "security-guide" }, expect { email = "thanks-for-reading" },
  day(5), expect { call = "purchase-timeframe" },
  answer { timing = "now", budget = "exists" }, expect { handoff = "sales-north" },
  answer "accepted", expect { left = "thirty-day-nurture" },
}

test "who is not there is called again, three times, and goes on" {
  lead { email = "lead-32@example.com", country = "US", time_zone = "America/New_York", phone = "+1 202 555 0132" },
  event "asset.download" { subject = "security-guide" },
  day(5), answer "no_answer", day(9), answer "voicemail", day(11), answer "busy", day(13), answer "no_answer", expect { handoff = "nothing" },
  day(22), expect { email = "seminar-invitation" },
}

test "a fitting, busy lead is with sales on day eight" {
  lead { email = "lead-4@example.com", country = "US", time_zone = "America/New_York", role = "executive", phone = "+1 202 555 0104" },
  account { industry = "finance", employees = 500 },
  day(1), event "asset.download" { subject = "security-guide" }, expect { email = "thanks-for-reading", grade = "A4" },
  day(3), expect { email = "key-benefits" },
  day(5), answer { timing = "six_months" },
  day(7), event "demo.request" {}, event "asset.download" { subject = "bank-case" }, expect { grade = "A2", stage = "qualified" },
  day(8), expect { handoff = "sales-west" },
  answer "accepted", expect { left = "thirty-day-nurture" },
  day(22), expect { email = "nothing" },
}

test "sales is reminded when nobody takes the lead in time, and the lead is written to no more" {
  lead { email = "lead-10@example.com", country = "DE", time_zone = "Europe/Berlin", role = "executive", phone = "+49 30 5550104" },
  account { industry = "finance", employees = 500 },
  event "consent.grant" { subject = "email" }, event "consent.confirm" { subject = "email" },
  event "asset.download" { subject = "security-guide" }, event "demo.request" {}, event "asset.download" { subject = "bank-case" },
  day(7), expect { grade = "A2" },
  day(8), expect { handoff = "sales-north" },
  wait "3 hours", expect { left = "nothing" },
  wait "2 hours", expect { left = "thirty-day-nurture" },
  day(30), expect { email = "nothing" },
}

test "what sales gives back is invited to the seminar, and goes on" {
  lead { email = "lead-11@example.com", country = "US", time_zone = "America/New_York", role = "executive", phone = "+1 202 555 0111" },
  account { industry = "finance", employees = 500 },
  event "asset.download" { subject = "security-guide" }, event "demo.request" {}, event "asset.download" { subject = "bank-case" },
  day(5), answer { timing = "six_months" },
  day(8), expect { handoff = "sales-west" },
  answer "returned", day(21), expect { left = "nothing" },
  day(22), expect { email = "seminar-invitation" },
}
