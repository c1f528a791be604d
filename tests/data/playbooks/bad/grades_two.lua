model "third" { rule "x" { points = 5 } }
grades "more" { model = "third", A = 75, B = 25 }
--> 2: grades "more": model third: scores 0 to 24 get no letter. The last line must start at 0, where the model starts.
--> 2: grades "more": two grades give letters, "main" (playbook.lua:16) and "more". This version has one: the other can have bands by from =.
