-- (2) who they are (A-D) by what they do (1-4), fading
model "nature" { title = "Who they are", from = 0, to = 100,
  rule "an industry we know" { account { industry = { "finance", "health" } }, points = 30 },
  rule "big enough"          { account { employees = at_least(200) }, points = 25 },
  rule "has a say"           { lead { role = { "executive", "champion", "purchaser" } }, points = 30 },
  rule "can be called"       { lead { phone = known }, points = 15 },
}
model "nurture" { title = "What they do", from = 0, to = 100,
  rule "read a white paper"  { on "asset.download" { kind = "white-paper" }, points = 10, each = "subject", max = 30, fades = "by half every 30 days" },
  rule "looked at prices"    { on "page.view" { subject = "/pricing*", at_least = 2, within = "7 days" }, points = 20 },
  rule "stayed in a webinar" { on "webinar.attend" { value = at_least(20) }, points = 20, fades = "by half every 60 days" },
  rule "asked for a demo"    { on "demo.request" { within = "30 days" }, points = 40 },
  rule "colleagues read too" { people { segment "active", at_least = 3 }, points = 10 },
  rule "has gone quiet"      { none "*" { within = "90 days" }, points = -20 },
}
grades "main" { axes = { nature = { A = 75, B = 50, C = 25, D = 0 }, nurture = { 75, 50, 25, 0 } },
  band "ready" { grades = { "A1", "A2", "B1" }, stage = "qualified" },
  band "warm"  { grades = { "A3", "B2", "B3", "C1" } },
  band "cold"  { grades = { "A4", "B4", "C2", "C3", "C4", "D1", "D2", "D3", "D4" } },
}
