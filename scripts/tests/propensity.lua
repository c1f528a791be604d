test "a referral with a need, a budget and a deadline is for sales now" {
  lead { source = "referral", need = "critical", timing = "now", budget = "exists" },
  expect { score = { propensity = 12 }, band = "sales-now", stage = "qualified" },
}

test "somebody about whom nothing is known waits in the database" {
  lead { email = "lead-3@example.com" },
  expect { score = { propensity = 1 }, band = "database", stage = "inquiry" },
}
