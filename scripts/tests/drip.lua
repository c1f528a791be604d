-- A lead to whom nobody wrote for six weeks, and who is a C or a D: from general to special.
test "the next thing every three weeks, never one twice, and then the newsletter" {
  lead { email = "lead-17@example.com", country = "US", time_zone = "America/New_York" },
  expect { grade = "D4" },
  day(42), expect { email = "nothing" },
  day(60), event "page.view" { subject = "/" }, expect { email = "nothing" },
  day(65), expect { email = "worth-reading" },
  day(80), event "asset.download" { subject = "bank-case" }, expect { email = "nothing" },
  day(88), expect { email = "worth-reading" },
  day(130), event "page.view" { subject = "/" },
  day(170), event "page.view" { subject = "/" },
  day(200), event "page.view" { subject = "/" }, expect { left = "drip" },
}

test "who becomes a B leaves the drip at once" {
  lead { email = "lead-18@example.com", country = "US", time_zone = "America/New_York" },
  day(65), expect { email = "worth-reading" },
  lead { role = "executive", phone = "+1 202 555 0118" }, account { industry = "finance", employees = 500 },
  event "page.view" { subject = "/" }, expect { grade = "A4", left = "drip" },
}

test "who asks for the white paper is in the thirty days, and no more in the drip" {
  lead { email = "lead-19@example.com", country = "US", time_zone = "America/New_York" },
  day(65), expect { email = "worth-reading" },
  event "asset.download" { subject = "security-guide" }, expect { email = "thanks-for-reading", left = "drip" },
}
