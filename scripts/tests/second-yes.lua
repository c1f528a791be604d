test "who lost the mail fills in the form again: within the day the next one comes on the day after, later at once" {
  lead { email = "lead-20@example.org", country = "DE", time_zone = "Europe/Berlin" },
  event "consent.grant" { subject = "email" },
  event "form.submit" { subject = "newsletter" }, expect { email = "please-confirm" },
  wait "1 hour", event "form.submit" { subject = "newsletter" }, expect { email = "nothing" },
  wait "1 hour", event "form.submit" { subject = "newsletter" }, expect { email = "nothing" },
  wait "1 day", expect { email = "please-confirm" },
  wait "20 hours", event "form.submit" { subject = "newsletter" }, expect { email = "nothing" },
  wait "1 day", expect { email = "please-confirm" },
  day(12), expect { email = "nothing" },
  event "form.submit" { subject = "newsletter" }, expect { email = "please-confirm" },
  wait "1 hour", event "consent.confirm" { subject = "email" }, expect { email = "welcome" },
}

test "who confirms by the first mail is not sent the second one that was asked for" {
  lead { email = "lead-21@example.org", country = "DE", time_zone = "Europe/Berlin" },
  event "consent.grant" { subject = "email" },
  event "form.submit" { subject = "newsletter" }, expect { email = "please-confirm" },
  wait "1 hour", event "form.submit" { subject = "newsletter" }, expect { email = "nothing" },
  wait "1 hour", event "consent.confirm" { subject = "email" }, expect { email = "welcome", left = "second-yes" },
  wait "2 days", expect { email = "nothing" },
}

test "the box beside a demonstration is confirmed, too, and is no newsletter" {
  lead { email = "lead-22@example.org", country = "DE", time_zone = "Europe/Berlin" },
  event "consent.grant" { subject = "email" },
  event "form.submit" { subject = "demo" }, expect { email = "please-confirm" },
  wait "1 hour", event "consent.confirm" { subject = "email" }, expect { email = "nothing" },
}

test "who need not confirm is not asked to" {
  lead { email = "lead-23@example.com", country = "US", time_zone = "America/New_York" },
  event "form.submit" { subject = "newsletter" }, expect { email = "welcome" },
  wait "2 days", event "form.submit" { subject = "demo" }, expect { email = "nothing" },
}
