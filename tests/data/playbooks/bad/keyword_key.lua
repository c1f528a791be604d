segment "a" { who = lead { function = "it" } }
field "function" { type = "text" }
--> 1: segment "a": "function" is a word of Lua and cannot be a field. Call it job_function.
