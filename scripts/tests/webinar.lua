-- The webinar is on Thursday, 18 March 2027, at 15:00 in Berlin: day 46 of a story. Two weeks before is day 32.
test "invited, registered, reminded, there: the slides" {
  lead { email = "lead-28@example.com", country = "US", time_zone = "America/New_York" },
  day(20), event "page.view" { subject = "/" }, expect { segment = "active", email = "nothing" },
  day(33), expect { email = "webinar-invitation" },
  day(34), event "webinar.register" { subject = "zero-trust-live" },
  day(44), expect { email = "nothing" },
  day(46), expect { email = "webinar-tomorrow" },
  day(46), wait "2 hours", event "webinar.attend" { subject = "zero-trust-live", value = 40 },
  day(47), expect { email = "webinar-slides" },
}

test "who did not answer is asked once more, and gets the recording" {
  lead { email = "lead-29@example.com", country = "US", time_zone = "America/New_York" },
  day(20), event "page.view" { subject = "/" },
  day(33), expect { email = "webinar-invitation" },
  day(45), expect { email = "webinar-last-seats" },
  day(46), expect { email = "nothing" },
  day(48), expect { email = "webinar-recording", left = "webinar" },
}

test "who wakes up three days before is not invited any more" {
  lead { email = "lead-30@example.com", country = "US", time_zone = "America/New_York" },
  day(44), event "page.view" { subject = "/" }, expect { email = "nothing" },
  day(49), expect { email = "nothing" },
}
