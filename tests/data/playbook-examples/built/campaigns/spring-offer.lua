-- (9) A/B test of the subject line, holdout, automatic winner
campaign "spring-offer" { title = "Spring offer", enter = segment "active", existing = true, holdout = "10%",
  leave = withdrew "email", goal = on "demo.request",
  step "offer" { split { email "offer-short-subject", email "offer-question-subject",
                         first = "20%", winner = on "email.click", after = "24 hours" } },
  step "nudge" { wait_for { on "email.click" { step = "offer" }, within = "5 days" }, go "thanks", otherwise = "remind" },
  step "remind" { email "offer-ends-friday", leave "reminded" },
  step "thanks" { split { go "by-phone", go "by-mail", weights = { 30, 70 } } },
  step "by-phone" { call "web-lead", leave "called" },
  step "by-mail"  { email "offer-details" },
}
