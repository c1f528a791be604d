grades "more" { axes = { nature = { A = 75, B = 25 }, nurture = { 50, 50, 0 } } }
grades "other" { axes = { nature = { A = 0 } } }
--> 1: grades "more": axis nature: scores 0 to 24 get no letter. The last line must start at 0, where the model starts.
--> 1: grades "more": axis nurture: the numbers must fall: 50 does not stand below 50.
--> 1: grades "more": two grades give letters, "main" (playbook.lua:16) and "more". This version has one: the other can have bands by from =.
--> 2: grades "other": axes are two: one gives letters { A = 75, … }, the other digits { 75, … }.
--> 2: grades "other": two grades give letters, "main" (playbook.lua:16) and "other". This version has one: the other can have bands by from =.
