field "role_in_it" { type = "text" }
field "need" { type = "choice", choices = { "critical", "planned" } }
script "web-lead-2" {}
script "purchase-timeframe-2" { opening = "hello", closing = "closing",
  question "timing" { next = choose "timing" { now = "neet", six_months = "closing" } },
  question "role_in_it" { next = 3 },
  question "need" { next = choose "need" { critical = "closing", plannd = "closing", otherwise = "closing" } },
  result "soon" { when = lead { timing = "now" } },
}
form "f" { ask = { "email", question "need" { next = "company" } } }
--> 10: form "f": next and creates belong to questions of a script. A form asks all of its own.
--> 3: script "web-lead-2": there is no template templates/call/web-lead-2.md. Write it, or name one of: asks, purchase-timeframe, web-lead.
--> 4: script "purchase-timeframe-2": there is no template templates/call/purchase-timeframe-2.md. Write it, or name one of: asks, purchase-timeframe, web-lead.
--> 5: script "purchase-timeframe-2": choose "timing" says nothing about "later". Add it, or otherwise = ….
--> 5: script "purchase-timeframe-2": there is no question "neet" in this script. Did you mean "need"?
--> 6: script "purchase-timeframe-2": next = 3: the name of a question in quotes, or choose "field" { … }.
--> 7: script "purchase-timeframe-2": need has no choice "plannd". Its choices are critical, planned.
--> 8: script "purchase-timeframe-2": a call that fits none of the results would end without one: the last has no when. Add result "other" {}.
