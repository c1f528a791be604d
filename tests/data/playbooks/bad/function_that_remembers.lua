local seen, names = 0, { "a" }
segment "a" { who = function(lead) seen = seen + 1 return seen > 3 end }
segment "b" { who = function(lead) names[1] = "b" local n = names[1] n = n .. "c" return n == lead.city end }
--> 2: segment "a": "seen" belongs to the file: a function that changes it would tell one lead what another did. Use a local inside the function.
--> 3: segment "b": "names" belongs to the file: a function that changes it would tell one lead what another did. Use a local inside the function.
