test "a webinar: each mail at its own moment" {
  lead { email = "a@example.com", country = "US" }, event "consent.grant" { subject = "email" },
  event "case.plan" { subject = "live" },
  day(4), wait "299 minutes", expect { email = "nothing" }, wait "1 minute", expect { email = "invitation" },
  day(17), expect { email = "nothing" }, wait "5 hours", expect { email = "soon" },
  day(18), wait "239 minutes", expect { email = "nothing" }, wait "1 minute", expect { email = "reminder" },
  wait "239 minutes", expect { email = "nothing" }, wait "1 minute", expect { email = "thanks", left = "webinar" },
}
test "who comes late is invited now, and not told that it is tomorrow" {
  lead { email = "a@example.com", country = "US" }, event "consent.grant" { subject = "email" },
  day(18), event "case.plan" { subject = "live" }, expect { email = "invitation" },
  wait "4 hours", expect { email = "reminder" }, day(19), expect { email = "thanks" },
}
test "after it nobody is invited any more" {
  lead { email = "a@example.com", country = "US" }, event "consent.grant" { subject = "email" },
  day(20), event "case.plan" { subject = "live" }, expect { email = "thanks", left = "webinar" },
}
test "a date of the lead lets it in, and a later date moves what waits" {
  lead { email = "a@example.com", country = "US", meeting_day = "2027-02-11" }, event "consent.grant" { subject = "email" },
  day(8), expect { email = "nothing" },
  day(9), lead { meeting_day = "2027-02-20" }, expect { email = "nothing" },
  day(18), expect { email = "nothing" }, day(19), expect { email = "reminder" },
  day(21), expect { email = "nothing" }, day(22), expect { email = "thanks", left = "meeting" },  -- Saturday, and the business day after it
}
test "an earlier date: the reminder is too late, what comes after is not" {
  lead { email = "a@example.com", country = "US", meeting_day = "2027-02-11" }, event "consent.grant" { subject = "email" },
  day(9), lead { meeting_day = "2027-02-08" }, expect { email = "thanks", left = "meeting" },
}
test "before 29 February there is a 28th, and a year after it too" {
  lead { email = "a@example.com", country = "US", meeting_day = "2028-02-29" }, event "consent.grant" { subject = "email" },
  wait "2 years", wait "26 days", expect { left = "meeting" }, expect { email = "reminder" }, wait "1 day", expect { email = "hello" },
}
test "a date of the account" {
  lead { email = "a@example.com", country = "US" }, account { renewal_day = "2027-03-10" }, event "consent.grant" { subject = "email" },
  day(30), expect { email = "nothing" }, day(31), expect { email = "soon" },
}
test "a renewal that is over lets nobody in" {
  lead { email = "a@example.com", country = "US" }, account { renewal_day = "2027-01-10" }, event "consent.grant" { subject = "email" },
  day(60), expect { email = "nothing" },
}
test "both sides of the clocks" {
  lead { email = "a@example.com", country = "US" }, event "consent.grant" { subject = "email" },
  event "case.plan" { subject = "clocks" },
  day(55), wait "119 minutes", expect { email = "nothing" }, wait "1 minute", expect { email = "hello" },      -- 27 March, 12:00
  wait "13 hours", expect { email = "soon" },                                                                 -- 28 March, 01:00: ten hours before 12:00
  day(274), expect { email = "sorry" },
}
test "late: skipped, done now, spread over a day" {
  lead { email = "a@example.com", country = "US" }, event "consent.grant" { subject = "email" },
  event "case.late", day(11), expect { email = "hello" }, day(12), expect { email = "thanks" },
}
