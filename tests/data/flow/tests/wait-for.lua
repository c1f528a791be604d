test "a confirmation within the week is acted on at once" {
  lead { email = "a@example.com", country = "DE" }, event "consent.grant" { subject = "email" },
  event "form.submit" { subject = "newsletter" }, expect { email = "please-confirm" },
  day(7), expect { email = "nothing", left = "nothing" },
  event "consent.confirm" { subject = "email" }, expect { email = "welcome", left = "confirmed-first" },
}
test "a week without one is the other way, exactly then" {
  lead { email = "a@example.com", country = "DE" }, event "consent.grant" { subject = "email" },
  event "form.submit" { subject = "newsletter" }, expect { email = "please-confirm" },
  day(7), wait "1439 minutes", expect { left = "nothing" },
  wait "1 minute", expect { left = "confirmed-first", email = "nothing" },
  event "consent.confirm" { subject = "email" }, expect { email = "nothing" },
}
test "who may be written to already waits for nothing" {
  lead { email = "a@example.com", country = "US" },
  event "consent.grant" { subject = "email" }, event "form.submit" { subject = "newsletter" }, expect { email = "welcome" },
}
test "only what comes after the last contact counts" {
  lead { email = "a@example.com", country = "US" }, event "consent.grant" { subject = "email" },
  event "webinar.sign_up" { subject = "other" },
  event "webinar.sign_up" { subject = "wish" },
  day(2), expect { email = "invitation" },
  day(4), expect { email = "nothing" },
  event "webinar.sign_up" { subject = "live" }, expect { email = "thanks", left = "invite" },
}
test "of two waits in a row the second counts from its own contact" {
  lead { email = "a@example.com", country = "US" }, event "consent.grant" { subject = "email" },
  event "webinar.sign_up" { subject = "wish" },
  day(2), expect { email = "invitation" },
  day(5), expect { email = "reminder" },
  day(6), expect { email = "nothing" },
  day(7), expect { email = "sorry", left = "invite" },
}
test "since = step: a click before it is not what is waited for, and hours of business end the wait" {
  lead { email = "a@example.com", country = "US" }, event "consent.grant" { subject = "email" },
  event "meeting.ask", expect { email = "hello" },
  wait "1 hour", event "email.click" { subject = "hello" },
  day(2), wait "239 minutes", expect { left = "nothing" },     -- Tuesday from ten: four business hours are up at two
  wait "1 minute", expect { left = "nothing" },
  wait "2 days", expect { email = "soon", left = "ask" },
}
test "since = step: a click after it is" {
  lead { email = "a@example.com", country = "US" }, event "consent.grant" { subject = "email" },
  event "meeting.ask", day(2), wait "3 hours", event "email.click" { subject = "hello" }, expect { left = "ask", email = "hello" },
}
test "since = a step: what came after that step's mail counts, though another was sent since" {
  lead { email = "a@example.com", country = "US" }, event "consent.grant" { subject = "email" },
  event "case.open", wait "1 hour", event "email.click" { subject = "hello" },
  day(3), expect { email = "hello", left = "case" }, expect { email = "reminder" },
}
test "since = a step: nothing came" {
  lead { email = "a@example.com", country = "US" }, event "consent.grant" { subject = "email" },
  event "case.open", day(3), expect { email = "reminder" }, day(4), expect { email = "sorry" },
}
test "a function sees each event that comes while it waits" {
  lead { email = "a@example.com", country = "US" }, event "consent.grant" { subject = "email" },
  event "club.join" { subject = "club" }, event "club.join" { subject = "other", value = 3 }, expect { email = "nothing" },
  day(10), event "club.join" { subject = "other", value = 12 }, expect { email = "thanks", left = "club" },
}
test "a month is a month, and then the other way" {
  lead { email = "a@example.com", country = "US" }, event "consent.grant" { subject = "email" },
  event "club.join" { subject = "club" }, day(28), expect { email = "nothing" }, day(29), expect { email = "sorry" },
}
