-- Where the law wants a yes confirmed, the mail that asks for it: once, and not again within a month, whoever fills in the form.
campaign "please-confirm" { title = "Confirm the newsletter", priority = "high",
  enter = all { on "form.submit" { subject = "newsletter" }, none { allowed "email" } }, again = "after 30 days",
  leave = any { withdrew "email", allowed "email" },
  step "ask" { email "please-confirm" { purpose = "confirm", hours = "any" } },
}
