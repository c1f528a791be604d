-- Who subscribes is welcomed within minutes; where the law wants the yes confirmed, that is asked first, once, and not again within a month, whoever
-- fills in the form. The same for who has left and ticks the box again (asked "email"): only the link in that mail takes the withdrawal back.
campaign "welcome" { title = "Welcome", priority = "high",
  enter = on "form.submit" { subject = "newsletter" }, again = "after 30 days",
  leave = all { withdrew "email", none { asked "email" } }, goal = on "email.click",

  step "may-we"     { when = all { allowed "email", none { asked "email" } }, go "hello", otherwise = "confirm" },
  step "confirm"    { email "please-confirm" { purpose = "confirm", hours = "any" }, answers = { held = "box" }, go "confirmed" },
  -- The box was not ticked, so there is nothing to confirm: who ticks it within the thirty days is asked then.
  step "box"        { wait_for { any { on "consent.grant" { subject = "email" }, allowed "email" }, within = "30 days" }, otherwise = "never-mind" },
  step "ticked"     { email "please-confirm" { purpose = "confirm", hours = "any" } },
  step "confirmed"  { wait_for { all { allowed "email", none { asked "email" } }, within = "7 days" }, go "hello", otherwise = "never-mind" },
  step "never-mind" { leave "did not confirm" },
  -- Who has just downloaded something is thanked for that: not two mails within the hour.
  step "hello"      { when = none { on "asset.download" { within = "1 day" } }, email "welcome" { hours = "any" } },
  -- Who reads our white paper is in the thirty days, and needs no more from here.
  step "library"    { wait "4 days", when = none { on "asset.download" { kind = "white-paper", within = "30 days" } },
                      email "worth-reading" { offer = "next", start = "checklist" }, otherwise = "every-month" },
  step "tell-us"    { wait "8 days", email "what-interests-you" },
  step "every-month" { enroll "newsletter" },
}
