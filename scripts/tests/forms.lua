test "what a form learns counts at once" {
  lead { email = "lead-9@example.com", country = "US" },
  event "form.submit" { subject = "demo" },
  lead { need = "critical", timing = "now" }, expect { score = { propensity = 7 } },
}
