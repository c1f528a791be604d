segment "awake" { who = people { segment "awake", at_least = 2 } }
model "company" { of = "account", rule "eager" { people { segment "eager" }, points = 10 } }
segment "eager" { who = score { keen = at_least(5) } }
model "keen" { rule "the company is keen" { score { company = at_least(10) }, points = 5 } }
--> 1: these ask each other in a circle, so none can be answered: segment "awake" → segment "awake".
