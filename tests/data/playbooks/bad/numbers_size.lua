model "m" { from = 0, to = 1.5,
  rule "large"    { points = 1e7 },
  rule "max much" { on "page.view", points = 1, each = "time", max = 1e300 },
  rule "twice"    { points = 1 },
  rule "twice"    { points = 2 },
}
model "third" { from = 0, to = 50, rule "x" { points = 1 } }
grades "more" { axes = { third = { A = 75, B = 50, C = 25, D = 0 }, nurture = { 200, 0 } } }
--> 1: model "m": to = 1.5 is no whole number from -1000000 to 1000000.
--> 2: model "m", rule "large": points = 10000000 is no number of points.
--> 3: model "m", rule "max much": max = 1e+300 is no number of points.
--> 5: model "m": two rules are called "twice" (lines 4 and 5). A receipt names them, so each needs its own.
--> 8: grades "more": axis nurture: nobody can reach 200: the model ends at 100.
--> 8: grades "more": axis third: nobody can reach 75: the model ends at 50.
--> 8: grades "more": two grades give letters, "main" (playbook.lua:16) and "more". This version has one: the other can have bands by from =.
