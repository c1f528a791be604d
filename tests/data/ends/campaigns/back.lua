-- a mail that comes back after it was sent: the walk is called back while its next contact was not made
campaign "back" { enter = on "ask.call" { subject = "back" }, leave = withdrew "email",
  step "one"   { email "welcome", answers = { bounced = "other" } },
  step "two"   { wait "3 days", email "soon" },
  step "three" { wait "3 days", email "late", leave "done" },
  step "other" { email "other", leave "called back" },
}
