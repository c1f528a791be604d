model "third" { rule "x" { points = 5 } }
grades "more" { model = "third", band "high" { from = 50 }, band "low" { from = 25 } }
--> 2: grades "more": scores 0 to 24 get no band. The last band must start at 0, where the model starts.
