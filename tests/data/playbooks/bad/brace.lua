-- one brace is missing
segment "b" { who = on "*" }
campaign "drip" { enter = "by hand",
  step "welcome" { email "welcome" },
segment "a" { who = on "*" }
--> 3: the { of campaign "drip" on line 3 is never closed.
