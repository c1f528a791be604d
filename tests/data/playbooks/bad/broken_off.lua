segment "s" { who = on "*" }
segment "t" { who = on "*" .. on "form.submit" }
segment "u" { who = on "*" }
--> 2: Lua cannot read or run this: attempt to concatenate a userdata value.
