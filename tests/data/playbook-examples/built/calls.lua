-- calls.lua: (15) who is asked what, in which order. The words to speak: templates/call/purchase-timeframe.md, one heading a question.
script "purchase-timeframe" { title = "When will they buy?", opening = "opening", closing = "closing",
  question "timing" { ask = "When do you expect to decide?", needed = true,
                      next = choose "timing" { now = "budget", six_months = "need", later = "closing" } },
  question "need"   { ask = "What is the project for?", next = "budget" },
  question "budget" { ask = "Is there a budget for it?", needed = true,
                      next = choose "budget" { exists = "meeting_day", requested = "others", building = "others", otherwise = "others" } },
  question "meeting_day" { ask = "Which day suits you for a meeting?" },
  question "role"   { ask = "What is your part in the decision?" },
  question "others" { ask = "Who else is involved?", creates = "colleague" },
  result "now"   { when = lead { timing = "now", budget = { "exists", "requested" } } },   -- the first that fits
  result "soon"  { when = lead { timing = { "now", "six_months" } } },
  result "later" {},
}
script "web-lead" { title = "You asked us to call",
  question "timing" { ask = "How soon do you need an answer?" },
  question "meeting_day" { ask = "Which day suits you?" },
  result "meeting" { when = lead { meeting_day = known } },
  result "not_now" {},
}
script "who-else" { title = "Who else is involved?", question "others" { ask = "Who else decides on this?", creates = "colleague" }, result "done" {} }
