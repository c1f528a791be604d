segment "s" { who = on "*", [5] = "x" }
--> 1: left of = stands a name, nothing else.
