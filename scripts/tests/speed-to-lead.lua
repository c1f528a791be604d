-- Stories of who asks to be called. They begin on a Monday at 10:00, in the lead's own time.
test "who asks to be called is called at once, and a day is agreed" {
  lead { email = "ann@example.com", first_name = "Ann", country = "US", time_zone = "America/New_York", phone = "+1 202 555 0101" },
  event "form.submit" { subject = "call-me" }, expect { call = "web-lead" },
  answer { timing = "now", meeting_day = "2027-03-03" }, expect { handoff = "sales-north", left = "speed-to-lead" },
}

test "who cannot be reached is called again, and gets a mail when nobody comes to it" {
  lead { email = "bob@example.com", country = "US", time_zone = "America/New_York", phone = "+1 202 555 0102" },
  event "form.submit" { subject = "call-me" }, expect { call = "web-lead" }, answer "no_answer",
  expect { email = "nothing" }, wait "3 days", expect { email = "we-tried-to-call" },
}
