-- Where the law wants a yes confirmed, the mail that asks for it: once, and not again within a month, whoever fills in the form. The same for who has
-- left and ticks the box again (asked "email"): only the link in this mail takes the withdrawal back.
campaign "please-confirm" { title = "Confirm the newsletter", priority = "high",
  enter = all { on "form.submit" { subject = "newsletter" }, any { asked "email", none { allowed "email" } } }, again = "after 30 days",
  leave = all { none { asked "email" }, any { withdrew "email", allowed "email" } },
  step "ask" { email "please-confirm" { purpose = "confirm", hours = "any" } },
}
