segment "a" { who = lead { timing = "nwo" } }
segment "b" { who = lead { timing = { "now", "s*", "x*" } } }
segment "c" { who = lead { timing = { "now", "Later" } } }
--> 1: segment "a": timing has no choice "nwo". Its choices are now, six_months, later.
--> 2: segment "b": timing has no choice "x*". Its choices are now, six_months, later.
--> 3: segment "c": timing has no choice "Later". Its choices are now, six_months, later.
