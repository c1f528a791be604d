segment "s" { who = on "*" }
stage = "qualified"
local email = 5
campaign "drip" { enter = "by hand", step "a" { email "welcome" } }
--> 2: stage = "qualified" stands outside every declaration. Was a } closed too early?
--> 3: email is a word of the playbook. Give your own value another name.
