-- (12) re-engagement, then sunset
campaign "re-engage" { title = "Still interested?", enter = segment "lapsed", existing = true, again = "after 1 year",
  leave = any { withdrew "email", stage "customer" }, goal = segment "active", at_goal = "leave",
  step "miss-you"  { email "still-interested" },
  step "best-of"   { wait "10 days", email "best-of-the-year" { offer = "next", start = "security-guide" }, otherwise = "last-one" },
  step "last-one"  { wait "14 days", email "shall-we-stop" },
  step "sunset"    { wait "14 days", suppress "email" { reason = "sunset", ends = on "form.submit" } },
}
