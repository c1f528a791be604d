-- Ninety days without a sign: three mails in six weeks, and then we stop. Whoever does anything is active again, and leaves at once.
campaign "re-engage" { title = "Still interested?",
  enter = all { segment "lapsed", allowed "email" }, existing = true, again = "after 1 year",
  leave = any { withdrew "email", stage "accepted", stage "customer" }, goal = segment "active", at_goal = "leave",

  step "miss-you" { email "still-interested" },
  step "best-of"  { wait "10 days", email "best-of-the-year" { offer = "next", start = "checklist" }, otherwise = "last-one" },
  step "last-one" { wait "14 days", email "shall-we-stop" },
  step "sunset"   { wait "14 days", suppress "email" { reason = "sunset", ends = on "form.submit" } },
}
