-- tests/*.lua: a story, told in order
test "a referral with a need, a budget and a deadline is for sales now" {
  lead { source = "referral", need = "critical", timing = "now", budget = "exists" },
  expect { score = { propensity = 12 }, band = "sales-now", stage = "qualified" },
}
test "the thirty days, with a decision on the phone" {
  lead { email = "lead-1@example.com", phone = "+1 202 555 0101", country = "US", time_zone = "America/New_York" }, account { employees = 500 },
  day(1), event "asset.download" { subject = "security-guide" }, expect { email = "thanks-for-reading" },
  day(3), expect { email = "key-benefits" },
  day(5), answer { timing = "now", budget = "exists" }, expect { handoff = "west" }, answer "accepted", expect { left = "thirty-day-nurture" },
  day(30), expect { email = "worth-reading", call = "nothing" }, -- of the drip, whose leave does not name sales
}
test "a lapsed German lead who never confirmed gets no mail, and points fade" {
  lead { email = "lead-2@example.org", country = "DE" },
  event "asset.download" { subject = "security-guide" }, expect { score = { nurture = 10 } },
  wait "30 days", expect { score = { nurture = 5 } },
  wait "61 days", expect { segment = "lapsed", email = "nothing", held = "email: DE asks for double opt-in" },
}
test "two roles of a company are awake: whoever woke it second is asked who else decides" {
  lead { email = "lead-3@example.com", phone = "+1 202 555 0103", country = "US", time_zone = "America/New_York", role = "champion" }, account { owner = "north" },
  colleague "bob" { email = "lead-4@example.com", phone = "+1 202 555 0104", country = "US", role = "user", event "demo.request" {} },
  event "demo.request" {}, wait "1 day", expect { segment = { "engaged", "awake-account" }, call = "who-else" },
}
test "and the other one is not" {
  lead { email = "lead-3@example.com", phone = "+1 202 555 0103", country = "US", time_zone = "America/New_York", role = "champion" }, account { owner = "north" },
  event "demo.request" {},
  colleague "bob" { email = "lead-4@example.com", phone = "+1 202 555 0104", country = "US", role = "user", event "demo.request" {} },
  wait "1 day", expect { segment = "awake-account", call = "nothing" },
}
