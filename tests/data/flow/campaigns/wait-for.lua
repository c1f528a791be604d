-- wait_for: an event or a condition, at most so long, and both ways out
campaign "confirmed-first" { enter = on "form.submit" { subject = "newsletter" }, leave = withdrew "email",
  step "may-we"     { when = allowed "email", go "hello", otherwise = "confirm" },
  step "confirm"    { email "please-confirm" { purpose = "confirm", hours = "any" } },
  step "confirmed"  { wait_for { allowed "email", within = "7 days" }, go "hello", otherwise = "never-mind" },
  step "never-mind" { leave "did not confirm" },
  step "hello"      { email "welcome" },
}
campaign "invite" { enter = on "webinar.sign_up" { subject = "wish" }, again = "always", leave = withdrew "email",
  step "invite"    { wait "1 day", email "invitation" },
  step "signed-up" { wait_for { on "webinar.sign_up", within = "3 days" }, email "thanks", leave "signed up", otherwise = "remind" },
  step "remind"    { email "reminder" },
  step "at-last"   { wait_for { on "webinar.sign_up", within = "2 days" } },
  step "bye"       { email "sorry" },
}
-- what happened before this step counts no more; business time; the step below is the other way
campaign "ask" { enter = on "meeting.ask", leave = withdrew "email",
  step "hello"  { email "hello" },
  step "pause"  { wait "1 day" },
  step "answer" { wait_for { on "email.click", within = "4 business hours", since = "step" }, leave "clicked" },
  step "soon"   { wait "2 days", when = on "email.click", email "soon" },
}
-- from the contact of a step that is named
campaign "case" { enter = on "case.open", leave = withdrew "email",
  step "hello"  { email "hello" },
  step "again"  { wait "2 days", email "reminder" },
  step "answer" { wait_for { on "email.click", within = "1 day", since = "hello" }, leave "clicked" },
  step "sorry"  { email "sorry" },
}
-- a function looks at what comes
campaign "club" { enter = on "club.join" { subject = "club" }, leave = withdrew "email",
  step "big" { wait_for { function(lead, event) return event.verb == "club.join" and (event.value or 0) >= 10 end, within = "1 month" }, email "thanks", otherwise = "small" },
  step "end" { leave "big" },
  step "small" { email "sorry" },
}
