segment "a" { who = function(lead) return laed.visits == 3 end }
segment "b" { who = function(lead) email "welcome" end }
segment "c" { who = function(lead, event) return event.verbb == "x" end }
segment "d" { who = function(lead) local n = lead.visits for i = 1, 3 do n = n + i end return n > 3 end }
segment "e" { who = function(lead) return io.read() end }
--> 1: segment "a": "laed" is not known inside this function. Did you mean "lead"?
--> 2: segment "b": "email" cannot be used inside function … end. A function looks at lead and event and returns a value, go "step", wait "3 days" or leave "why".
--> 3: segment "c": an event has no "verbb". It has verb, subject and value.
--> 5: segment "e": "io" is not known inside this function. Did you mean "go"?
