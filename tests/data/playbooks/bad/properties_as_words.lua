segment "a" { title "Active", who = on "*" }
campaign "drip" { enter = "by hand", existing = yes, step "a" { email "welcome" } }
--> 1: segment "a": "title" stands left of =: title = ….
--> 2: campaign "drip": yes is written true.
