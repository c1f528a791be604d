-- Who subscribes is welcomed within minutes; where the law wants the yes confirmed, as soon as it is (second-yes asks for it). Who comes back within two
-- months of a welcome has had it, and gets the newsletter alone.
campaign "welcome" { title = "Welcome", priority = "high",
  enter = on "form.submit" { subject = "newsletter" }, again = "always",
  leave = all { withdrew "email", none { asked "email" } }, goal = on "email.click",

  step "may-we"     { wait_for { all { allowed "email", none { asked "email" } }, within = "30 days" }, go "new-here", otherwise = "never-mind",
                      was = { "confirm", "box", "ticked", "confirmed" } },
  step "never-mind" { leave "did not confirm" },
  step "new-here"   { when = none { on "email.send" { subject = { "welcome", "what-interests-you" }, within = "2 months" } }, go "hello", otherwise = "every-month" },
  -- Who has just downloaded something is thanked for that: not two mails within the hour.
  step "hello"      { when = none { on "asset.download" { within = "1 day" } }, email "welcome" { hours = "any" } },
  -- Who reads our white paper is in the thirty days, and needs no more from here.
  step "library"    { wait "4 days", when = none { on "asset.download" { kind = "white-paper", within = "30 days" } },
                      email "worth-reading" { offer = "next", start = "checklist" }, otherwise = "every-month" },
  step "tell-us"    { wait "8 days", email "what-interests-you" },
  step "every-month" { enroll "newsletter" },
}
