-- (7) welcome, confirmed first where the law asks
campaign "welcome" { title = "Welcome", priority = "high",
  enter = on "form.submit" { subject = "newsletter" }, again = "after 1 year", leave = withdrew "email",
  step "may-we"    { when = allowed "email", go "hello", otherwise = "confirm" },
  step "confirm"   { email "please-confirm" { purpose = "confirm", hours = "any" } },
  step "confirmed" { wait_for { allowed "email", within = "7 days" }, go "hello", otherwise = "never-mind" },
  step "never-mind" { leave "did not confirm" },
  step "hello"     { email "welcome" { hours = "any" } },
  step "library"   { wait "3 days", email "worth-reading" { offer = "next", start = "security-guide" }, otherwise = "tell-us" },
  step "tell-us"   { wait "7 days", email "what-interests-you" },
}
