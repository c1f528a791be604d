test "a German subscriber is asked to confirm first, once, and is written to after that" {
  lead { email = "lead-7@example.org", country = "DE" },
  event "consent.grant" { subject = "email" },
  event "form.submit" { subject = "newsletter" }, expect { email = "please-confirm" },
  event "form.submit" { subject = "newsletter" }, expect { email = "nothing" },
  event "consent.confirm" { subject = "email" },
  event "asset.download" { subject = "security-guide" }, expect { email = "thanks-for-reading" },
}

test "an American subscriber need not confirm" {
  lead { email = "lead-8@example.com", country = "US" },
  event "form.submit" { subject = "newsletter" }, expect { email = "nothing" },
}

test "what a form learns counts at once" {
  lead { email = "lead-9@example.com", country = "US" },
  event "form.submit" { subject = "demo" },
  lead { need = "critical", timing = "now" }, expect { score = { propensity = 7 } },
}
