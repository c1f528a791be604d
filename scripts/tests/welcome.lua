-- Stories begin on a Monday at ten.
test "an American subscriber is welcomed at once, gets one thing to read, a question, and then the newsletter" {
  lead { email = "lead-8@example.com", country = "US", time_zone = "America/New_York" },
  event "form.submit" { subject = "newsletter" }, expect { email = "welcome" },
  event "form.submit" { subject = "newsletter" }, expect { email = "nothing" },
  day(5), expect { email = "worth-reading" },
  day(15), expect { email = "what-interests-you", left = "welcome" },
  day(30), expect { email = "nothing" },
  day(44), expect { email = "newsletter" },
}

test "a German subscriber is asked to confirm first, once, and is welcomed after that" {
  lead { email = "lead-7@example.org", country = "DE", time_zone = "Europe/Berlin" },
  event "consent.grant" { subject = "email" },
  event "form.submit" { subject = "newsletter" }, expect { email = "please-confirm" },
  event "form.submit" { subject = "newsletter" }, expect { email = "nothing" },
  wait "2 hours", event "consent.confirm" { subject = "email" }, expect { email = "welcome" },
}

test "a German who fills in the form without ticking the box is not asked to confirm what was never said, until the box is ticked" {
  lead { email = "lead-16@example.org", country = "DE", time_zone = "Europe/Berlin" },
  event "form.submit" { subject = "newsletter" }, expect { email = "nothing" },
  day(3), event "consent.grant" { subject = "email" }, event "form.submit" { subject = "newsletter" }, expect { email = "please-confirm" },
  wait "2 hours", event "consent.confirm" { subject = "email" }, expect { email = "welcome" },
}

test "who never ticks the box is never written to" {
  lead { email = "lead-17@example.org", country = "DE", time_zone = "Europe/Berlin" },
  event "form.submit" { subject = "newsletter" }, expect { email = "nothing" },
  day(31), expect { email = "nothing", left = "welcome" },
}

test "who does not confirm within a month is not written to" {
  lead { email = "lead-12@example.org", country = "DE", time_zone = "Europe/Berlin" },
  event "consent.grant" { subject = "email" },
  event "form.submit" { subject = "newsletter" }, expect { email = "please-confirm" },
  day(32), expect { email = "nothing", left = "welcome" },
  day(60), expect { email = "nothing" },
}

test "who leaves and comes back on the same day confirms by a mail of the next day, and has the newsletter without a second welcome" {
  lead { email = "lead-18@example.org", country = "DE", time_zone = "Europe/Berlin" },
  event "consent.grant" { subject = "email" },
  event "form.submit" { subject = "newsletter" }, expect { email = "please-confirm" },
  wait "1 hour", event "consent.confirm" { subject = "email" }, expect { email = "welcome" },
  wait "1 hour", event "consent.withdraw" { subject = "email" }, expect { left = "welcome" },
  wait "1 hour", event "consent.grant" { subject = "email" }, event "form.submit" { subject = "newsletter" }, expect { email = "nothing" },
  wait "1 day", expect { email = "please-confirm" },
  wait "1 hour", event "consent.confirm" { subject = "email" }, expect { email = "nothing", left = "welcome" },
  day(45), expect { email = "newsletter" },
}

test "who comes back after three months is welcomed again" {
  lead { email = "lead-19@example.com", country = "US", time_zone = "America/New_York" },
  event "form.submit" { subject = "newsletter" }, expect { email = "welcome" },
  event "consent.withdraw" { subject = "email" }, expect { left = "welcome" },
  day(95), event "consent.grant" { subject = "email" }, event "form.submit" { subject = "newsletter" }, expect { email = "welcome" },
}

test "who downloads and subscribes within the hour gets one mail that day, not two" {
  lead { email = "lead-13@example.com", country = "US", time_zone = "America/New_York" },
  event "asset.download" { subject = "security-guide" }, expect { email = "thanks-for-reading" },
  event "form.submit" { subject = "newsletter" }, expect { email = "nothing" },
  day(3), expect { email = "key-benefits" },
  day(10), expect { email = "nothing" },
}

test "who subscribes, and downloads afterwards, gets two; the third waits until the week is over" {
  lead { email = "lead-14@example.com", country = "US", time_zone = "America/New_York" },
  event "form.submit" { subject = "newsletter" }, expect { email = "welcome" },
  event "asset.download" { subject = "security-guide" }, expect { email = "thanks-for-reading" },
  day(7), expect { email = "nothing" },
  day(9), expect { email = "key-benefits" },
}

test "who unsubscribes leaves, and gets nothing more" {
  lead { email = "lead-15@example.com", country = "US", time_zone = "America/New_York" },
  event "form.submit" { subject = "newsletter" }, expect { email = "welcome" },
  event "consent.withdraw" { subject = "email" }, expect { left = "welcome" },
  day(60), expect { email = "nothing" },
}
