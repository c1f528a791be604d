-- (1) propensity to buy: four pillars of three points, four bands
model "propensity" { title = "Propensity to buy", from = 0, to = 12,
  rule "where they came from" { points = choose "source" { referral = 3, association = 2, otherwise = 1 } },
  rule "how much they need it" { points = choose "need"  { critical = 3, planned = 2, curious = 1, otherwise = 0 } },
  rule "how soon they decide" { points = choose "timing" { now = 3, six_months = 2, later = 1, otherwise = 0 } },
  rule "whether money is there" { points = choose "budget" { exists = 3, requested = 2, building = 1, otherwise = 0 } },
}
grades "propensity" { model = "propensity",
  band "sales-now" { from = 12, stage = "qualified" }, band "nurture" { from = 10 },
  band "low-cost"  { from = 8 },                       band "database" { from = 0 },
}
segment "competitors" { title = "Competitors", who = lead { competitor = true }, contact = "never" }
