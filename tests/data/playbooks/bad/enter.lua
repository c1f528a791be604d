campaign "drip" { leave = withdrew "email", step "a" { email "welcome" } }
--> 1: campaign "drip": nobody would ever enter. Say enter = …, or enter = "by hand".
