test "a mail that comes back days later calls the walk back" {
  lead { email = "a@example.com", country = "US" },
  event "ask.call" { subject = "back" }, expect { email = "welcome" },
  day(3), event "email.bounce" {}, expect { email = "other", left = "back" },
  day(9), expect { email = "nothing" },
}
test "not when the next contact was made meanwhile" {
  lead { email = "a@example.com", country = "US" },
  event "ask.call" { subject = "back" }, expect { email = "welcome" },
  day(4), expect { email = "soon" },
  event "email.bounce" { step = "one" }, expect { email = "nothing", left = "nothing" },
  day(7), expect { email = "late", left = "back" },
}
test "what answers say nothing about stays as it is" {
  lead { email = "a@example.com", country = "US" },
  event "ask.call" { subject = "back" }, expect { email = "welcome" },
  day(4), expect { email = "soon" },
  event "email.bounce" {}, expect { email = "nothing", left = "nothing" },
  day(7), expect { email = "late", left = "back" },
}
