-- Stories begin on a Monday at ten. Day 21 is a Sunday: the invitation waits until Monday, day 22.
test "the thirty days, each mail on its day, then every month" {
  lead { email = "lead-1@example.com", country = "US", time_zone = "America/New_York" },
  day(1), event "asset.download" { subject = "security-guide" }, expect { email = "thanks-for-reading" },
  day(2), expect { email = "nothing" },
  day(3), expect { email = "key-benefits" },
  day(5), expect { held = "no channel" },
  day(8), expect { email = "nothing", handoff = "nothing" },
  day(22), expect { email = "seminar-invitation" },
  day(24), expect { email = "newsletter" },
}

test "a fitting, busy lead is with sales on day eight" {
  lead { email = "lead-4@example.com", country = "US", time_zone = "America/New_York", role = "executive", phone = "+1 202 555 0104" },
  account { industry = "finance", employees = 500 },
  day(1), event "asset.download" { subject = "security-guide" }, expect { email = "thanks-for-reading", grade = "A4" },
  day(3), expect { email = "key-benefits" },
  day(7), event "demo.request" {}, event "asset.download" { subject = "bank-case" }, expect { grade = "A2", stage = "qualified" },
  day(8), expect { handoff = "sales-north", left = "thirty-day-nurture" },
  day(22), expect { email = "nothing" },
}
