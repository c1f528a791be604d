-- Who they are: does this company, and this person in it, fit what we sell?
model "nature" { title = "Who they are", from = 0, to = 100,
  rule "an industry we know" { account { industry = { "finance", "health" } }, points = 30 },
  rule "big enough"          { account { employees = at_least(200) }, points = 25 },
  rule "has a say"           { lead { role = { "executive", "champion", "purchaser" } }, points = 30 },
  rule "can be called"       { lead { phone = known }, points = 15 },
}
