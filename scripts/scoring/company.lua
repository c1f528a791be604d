-- The buying centre: who of a company is awake. Scored in the company's own turn, from what its people's turns say of them.
model "company" { title = "The company", of = "account", from = 0, to = 100,
  rule "their executive is awake" { people { role = "executive", segment "engaged" }, points = 40 },
  rule "a champion speaks for us" { people { role = "champion", segment "active" }, points = 20 },
  rule "who buys knows us"        { people { role = "purchaser" }, points = 10 },
  rule "users who read"           { people { role = "user", segment "active" }, points = 5, each = "person", max = 20 },
  rule "big enough"               { account { employees = at_least(200) }, points = 10 },
}

grades "company" { model = "company",
  band "hot-company" { from = 60 }, band "warm-company" { from = 30 }, band "cold-company" { from = 0 },
}
