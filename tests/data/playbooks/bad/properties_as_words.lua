segment "a" { title "Active", who = on "*" }
campaign "drip" { enter = "by hand", existing = yes, step "a" { email "welcome" } }
--> 1: "title" stands left of =: title = ….
--> 2: yes is written true.
