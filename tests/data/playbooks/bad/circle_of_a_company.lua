model "company" { of = "account", rule "eager" { people { segment "eager" }, points = 10 } }
segment "eager" { who = score { keen = at_least(5) } }
model "keen" { rule "the company is keen" { band "keen-company", points = 5 } }
grades "company" { model = "company", band "keen-company" { from = 10 }, band "dull-company" { from = 0 } }
--> 2: these ask each other in a circle, so none can be answered: segment "eager" → model "keen" → model "company" → segment "eager".
