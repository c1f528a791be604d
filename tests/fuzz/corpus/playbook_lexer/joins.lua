segment "a" { who = on "*" or stage "customer" }
segment "b" { who = on "*" and stage "customer" }
segment "c" { who = not stage "customer" }
--> 1: segment "a": "or" cannot join conditions: Lua would silently drop one of them. Write any { …, … }.
--> 2: segment "b": "and" cannot join conditions: Lua would silently drop one of them. Write all { …, … }.
--> 3: segment "c": "not" cannot join conditions: Lua would silently drop one of them. Write none { … }.
