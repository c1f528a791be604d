script "asks" { question "timing" { next = "meeting_day" }, question "who" { creates = "colleague" }, question "meeting_day" {},
  result "soon" { when = lead { timing = "now" } }, result "later" {}, result "never" { when = lead { timing = "later" } } }
--> 1: script "asks": question "who" is never asked: no next leads to it.
--> 2: script "asks": result "never" can never happen: result "later" above it has no when.
