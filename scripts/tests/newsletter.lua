-- The thirty days end with the newsletter too: who subscribed besides does not get it twice.
test "a reader of the white paper who subscribed has one newsletter a month" {
  lead { email = "lead-16@example.com", country = "US", time_zone = "America/New_York" },
  event "asset.download" { subject = "security-guide" }, event "form.submit" { subject = "newsletter" },
  day(24), expect { email = "newsletter" },
  day(50), expect { email = "webinar-invitation" },
  day(65), expect { email = "newsletter" },
  day(90), expect { email = "nothing" },
}
