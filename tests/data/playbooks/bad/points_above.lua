model "m" { from = 0, to = 100,
  rule "slip" { lead { role = "executive" }, points = 500 },
  rule "bounded" { lead { role = "user" }, points = 500, max = 100 },
  rule "many" { on "page.view", points = 1, each = "time", max = 101 },
  rule "chosen" { points = choose "role" { executive = 120, otherwise = 0 } },
  rule "never" { lead { role = "champion" }, points = -500 },
}
--> 2: model "m", rule "slip": note: this rule alone can give 500 points, and its model ends at to = 100: what is above that counts nothing.
--> 4: model "m", rule "many": note: this rule alone can give 101 points, and its model ends at to = 100: what is above that counts nothing.
--> 5: model "m", rule "chosen": note: this rule alone can give 120 points, and its model ends at to = 100: what is above that counts nothing.
