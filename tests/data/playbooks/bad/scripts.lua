field "role_in_it" { type = "text" }
script "nobody-wrote-it" { question "timing" {}, result "done" {} }
script "web-led" { question "timming" {}, question "timing" { sets = "visits", creates = "friend" }, result "held" {}, result "no_answer" {},
  question "timing" {}, result "late-one" {} }
campaign "drip" { enter = "by hand", leave = withdrew "call", step "a" { call "web-lade" } }
disposition "busy" { label = "Busy" }
disposition "gone" { means = "wrogn" }
disposition "nobody" { means = "nobody" }
disposition "angry" { means = "refused", retry = retry { times = 3, every = "1 day" } }
disposition "delayed" { means = "nobody", retry = retry { times = 3, every = "1 day", otherwise = "a" } }
disposition "never-again" { means = "never" }
disposition "tired" { means = "nobody", retry = 3 }
disposition "asleep" { means = "nobody", retry = retry { times = 0 } }
--> 11: "never-again" cannot be the name of a disposition: it stands left of =, so it has small letters, digits and underscores.
--> 12: disposition "tired": retry = 3: it is retry { times = 3, every = "1 day" }.
--> 13: disposition "asleep": retry says how often and when: retry { times = 3, every = "1 day" }.
--> 13: disposition "asleep": times = 0 is no whole number from 1 to 1000.
--> 2: script "nobody-wrote-it": there is no template templates/call/nobody-wrote-it.md. Write it, or name one of: asks, purchase-timeframe, web-lead.
--> 3: script "web-led": "held" has a meaning of its own and cannot be a result.
--> 3: script "web-led": creates = "friend": a question can create a "colleague".
--> 3: script "web-led": result "no_answer" can never happen: result "held" above it has no when.
--> 3: script "web-led": there is a disposition "no_answer" too. How a call ended has one meaning.
--> 3: script "web-led": there is no field "timming". Did you mean "timing"? Lead fields are declared in fields.lua.
--> 3: script "web-led": there is no template templates/call/web-led.md. Write it, or name one of: asks, purchase-timeframe, web-lead.
--> 4: script "web-led": "late-one" cannot be the name of a result: it stands left of =, so it has small letters, digits and underscores.
--> 4: script "web-led": result "late-one" can never happen: result "held" above it has no when.
--> 4: script "web-led": two questions are called "timing" (lines 3 and 4).
--> 10: disposition "delayed": otherwise = is a step's name, and a disposition is of no campaign. Say it in answers.
--> 5: campaign "drip", step "a": note: no channel for calls is configured (nurture.conf: channel "calls" { plugin = "telemarketing" }), and this step needs it. Until it is, the step is recorded as "held: no channel" and leads go on.
--> 5: campaign "drip", step "a": there is no script "web-lade". Did you mean "web-lead"?
--> 6: disposition "busy": means = is missing: means = "nobody", "wrong", "refused" or "never".
--> 7: disposition "gone": means = "wrogn": it is "nobody", "wrong", "refused" or "never". Did you mean "wrong"?
--> 8: disposition "nobody": "nobody" has a meaning of its own and cannot be a disposition.
--> 9: disposition "angry": who refuses is not called again: retry is for "nobody" and "wrong".
