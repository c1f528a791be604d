campaign "a" { enter = "by hand", step "x" { email "welcome" },
campaign "b" { enter = "by hand", step "x" { email "welcome" } } }
segment "c" { who = all { segment "d" { who = on "*" } } }
--> 2: campaign "a": campaign "b" cannot stand inside campaign "a". Is a } missing before it?
--> 3: segment "c": segment "d" with braces declares. Where it asks, leave the braces away, and declare it on its own.
