test "ninety days without a sign: three mails, and then none, until they come back by a form" {
  lead { email = "lead-26@example.com", country = "US", time_zone = "America/New_York" },
  event "page.view" { subject = "/" },
  day(90), expect { segment = "cooling" },
  day(93), expect { segment = "lapsed", email = "still-interested" },
  day(105), expect { email = "best-of-the-year" },
  day(119), expect { email = "shall-we-stop" },
  day(135), expect { left = "re-engage" },
  event "asset.download" { subject = "security-guide" }, expect { email = "nothing", held = "suppressed: sunset" },
  day(140), event "form.submit" { subject = "newsletter" }, expect { email = "welcome" },
}

test "any sign of life ends it" {
  lead { email = "lead-27@example.com", country = "US", time_zone = "America/New_York" },
  event "page.view" { subject = "/" },
  day(93), expect { email = "still-interested" },
  event "email.click" { subject = "still-interested" }, expect { segment = "active", left = "re-engage" },
  day(110), expect { email = "nothing" },
}
