test "a letter waits for its weekday, and what follows counts from it" {
  lead { email = "a@example.com", country = "US", address = "1 Example Street" },
  event "ask.call" { subject = "dropped" }, expect { letter = "nothing" },
  day(3), expect { letter = "nothing" },
  day(4), expect { letter = "invitation", email = "nothing" },
  day(6), expect { email = "nothing" }, day(7), expect { email = "welcome", left = "dropped" },
}
test "on the day itself it goes at once" {
  lead { email = "a@example.com", country = "US", address = "1 Example Street" },
  day(4), event "ask.call" { subject = "dropped" }, expect { letter = "invitation" },
}
test "a date, and a date that is over" {
  lead { email = "a@example.com", country = "US", address = "1 Example Street" },
  event "ask.call" { subject = "dropped-once" }, day(15), expect { letter = "nothing" },
  day(16), expect { letter = "invitation", left = "dropped-once" },
}
test "a date that is over holds nothing up" {
  lead { email = "a@example.com", country = "US", address = "1 Example Street" },
  day(20), event "ask.call" { subject = "dropped-once" }, expect { letter = "invitation" },
}
