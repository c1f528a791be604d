-- Stories of the letter to executives. They begin on a Monday at 10:00, in the lead's own time; letters are dropped on Thursdays, in ours.
test "an executive who answers the letter is thanked, and not called" {
  lead { email = "lead-81@example.com", country = "US", time_zone = "America/New_York", role = "executive", phone = "+1 202 555 0181",
         address = "1 Example Street", postal_code = "20001", city = "Washington" },
  account { industry = "finance", employees = 500 },
  event "demo.request" {}, expect { band = "warm", letter = "nothing" },
  day(4), expect { letter = "executive-invitation" },
  day(5), event "letter.response" { subject = "executive-invitation", step = "letter", campaign = "letter-to-executives" }, expect { email = "thanks-for-the-visit", left = "letter-to-executives" },
  day(12), expect { call = "nothing" },
}

test "an executive who does not answer is called three days after the drop" {
  lead { email = "lead-82@example.com", country = "US", time_zone = "America/New_York", role = "executive", phone = "+1 202 555 0182",
         address = "2 Example Street", postal_code = "20001", city = "Washington" },
  account { industry = "finance", employees = 500 },
  event "demo.request" {}, day(4), expect { letter = "executive-invitation" },
  day(6), expect { call = "nothing" }, day(8), expect { call = "purchase-timeframe" },
  answer { timing = "now", budget = "exists" }, expect { handoff = "sales-west" },
}

test "a visit takes the call back that waits in the queue" {
  lead { email = "lead-83@example.com", country = "US", time_zone = "America/New_York", role = "executive", phone = "+1 202 555 0183",
         address = "3 Example Street", postal_code = "20001", city = "Washington" },
  account { industry = "finance", employees = 500 },
  event "demo.request" {}, day(8), expect { call = "purchase-timeframe" },
  event "letter.response" { subject = "executive-invitation", step = "letter", campaign = "letter-to-executives" }, expect { email = "thanks-for-the-visit" },
}

test "who has no address is called instead, and who wants no letters is left in peace" {
  lead { email = "lead-84@example.com", country = "US", time_zone = "America/New_York", role = "executive", phone = "+1 202 555 0184" },
  account { industry = "finance", employees = 500 },
  event "demo.request" {}, day(4), expect { letter = "nothing", call = "purchase-timeframe" },
  event "consent.withdraw" { subject = "letter" }, expect { left = "letter-to-executives" },
}
