model "m" { from = 0, to = 100,
  rule "nan"      { points = 0/0 },
  rule "endless"  { points = 1/0 },
  rule "max"      { on "page.view", points = 1, each = "time", max = 0/0 },
  rule "each"     { on "page.view", points = 1, each = 1/0, max = 10 },
  rule "value"    { on "page.view" { value = at_least(0/0) }, points = 1 },
  rule "between"  { lead { visits = between(1, 1/0) }, points = 1 },
  rule "field"    { lead { visits = 0/0 }, points = 1 },
  rule "choice"   { points = choose "timing" { now = -1/0, otherwise = 1 } },
  rule ""         { points = 1 },
}
--> 2: model "m": a number here is 0/0, which is no number to count with.
--> 3: model "m": a number here is endless, which is no number to count with.
--> 4: model "m": a number here is 0/0, which is no number to count with.
--> 5: model "m": a number here is endless, which is no number to count with.
--> 6: model "m": a number here is 0/0, which is no number to count with.
--> 7: model "m": a number here is endless, which is no number to count with.
--> 8: model "m": a number here is 0/0, which is no number to count with.
--> 9: model "m": a number here is endless, which is no number to count with.
--> 10: model "m": the name after rule is empty.
