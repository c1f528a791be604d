field "function" { type = "text" }
--> 1: "function" is a word of Lua and cannot be a field. Call it job_function.
