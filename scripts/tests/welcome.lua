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

test "who does not confirm within a week is not written to" {
  lead { email = "lead-12@example.org", country = "DE", time_zone = "Europe/Berlin" },
  event "consent.grant" { subject = "email" },
  event "form.submit" { subject = "newsletter" }, expect { email = "please-confirm" },
  day(9), expect { email = "nothing", left = "welcome" },
  day(60), expect { email = "nothing" },
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
