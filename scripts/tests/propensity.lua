-- Source, need, timing, budget, three points each: 12 is for sales now, 10 and 11 are nurtured, 8 and 9 cost little, less waits in the database.
test "a referral with a need, a budget and a deadline is for sales now" {
  lead { source = "referral", need = "critical", timing = "now", budget = "exists" },
  expect { score = { propensity = 12 }, band = "sales-now", stage = "qualified" },
}

test "eleven points are nurtured: the budget is only asked for" {
  lead { source = "referral", need = "critical", timing = "now", budget = "requested" },
  expect { score = { propensity = 11 }, band = "nurture", stage = "inquiry" },
}

test "ten points are nurtured: an association sent them, within six months" {
  lead { source = "association", need = "critical", timing = "six_months", budget = "exists" },
  expect { score = { propensity = 10 }, band = "nurture", stage = "inquiry" },
}

test "nine points are kept at low cost" {
  lead { source = "referral", need = "planned", timing = "six_months", budget = "requested" },
  expect { score = { propensity = 9 }, band = "low-cost", stage = "inquiry" },
}

test "eight points are kept at low cost" {
  lead { source = "web", need = "critical", timing = "now", budget = "building" },
  expect { score = { propensity = 8 }, band = "low-cost", stage = "inquiry" },
}

test "seven points wait in the database" {
  lead { source = "web", need = "critical", timing = "now" },
  expect { score = { propensity = 7 }, band = "database", stage = "inquiry" },
}

test "somebody about whom nothing is known waits in the database" {
  lead { email = "lead-3@example.com" },
  expect { score = { propensity = 1 }, band = "database", stage = "inquiry" },
}

test "the last answer makes the difference, at once" {
  lead { source = "referral", need = "critical", timing = "later", budget = "exists" }, expect { score = { propensity = 10 }, band = "nurture" },
  lead { timing = "now" }, expect { score = { propensity = 12 }, band = "sales-now", stage = "qualified" },
  lead { timing = "later" }, expect { score = { propensity = 10 }, band = "nurture", stage = "qualified" }, -- a stage goes upwards only
}

test "a competitor with all twelve points is written to by nobody" {
  lead { email = "lead-6@example.net", country = "US", competitor = true, source = "referral", need = "critical", timing = "now", budget = "exists" },
  event "asset.download" { subject = "security-guide" }, expect { score = { propensity = 12 }, segment = "competitors", email = "nothing" },
}
