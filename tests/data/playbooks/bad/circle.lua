segment "a" { who = segment "b" }
segment "b" { who = any { segment "a", on "*" } }
--> 1: these ask each other in a circle, so none can be answered: segment "a" → segment "b" → segment "a".
