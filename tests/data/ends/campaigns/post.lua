-- What comes back: told by tests/unit/turn_ends_test.c, as no story can say that a mail bounces.
campaign "post" { enter = on "ask.call" { subject = "post" }, again = "always", leave = withdrew "email",
  step "letter" { letter "invitation", answers = { undeliverable = "mail", held = "other" } },
  step "made"   { email "now", leave "made" },
  step "mail"   { email "welcome", answers = { bounced = "below" }, leave "mailed" },
  step "below"  { email "below", leave "below" },
  step "other"  { email "other" },
}
