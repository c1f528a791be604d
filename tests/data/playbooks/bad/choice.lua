segment "a" { who = lead { timing = "nwo" } }
segment "b" { who = lead { timing = { "now", "s*", "x*" } } }
--> 1: segment "a": timing has no choice "nwo". Its choices are now, six_months, later.
--> 2: segment "b": timing has no choice "x*". Its choices are now, six_months, later.
