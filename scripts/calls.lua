-- Who is asked what, in which order; and how else a call can end. The words to speak: templates/call/purchase-timeframe.md, one heading a question.
script "purchase-timeframe" { title = "When will they buy?", opening = "opening", closing = "closing",
  question "timing" { ask = "When do you expect to decide?", needed = true,
                      next = choose "timing" { now = "budget", six_months = "need", later = "others" } },
  question "need"   { ask = "What is the project for?" },
  question "budget" { ask = "Is there a budget for it?", needed = true },
  question "role"   { ask = "What is your part in the decision?" },
  question "others" { ask = "Who else is involved?", creates = "colleague" },
  result "now"   { when = lead { timing = "now", budget = { "exists", "requested" } } },   -- the first that fits
  result "soon"  { when = lead { timing = { "now", "six_months" } } },
  result "later" {},
}

script "web-lead" { title = "You asked us to call", opening = "opening", closing = "closing",
  question "timing"      { ask = "How soon do you need an answer?", next = "meeting_day" },
  question "meeting_day" { ask = "Which day suits you for a demonstration?" },
  result "meeting" { when = lead { meeting_day = known } },
  result "not_now" {},
}

disposition "no_answer"    { label = "No answer",        means = "nobody" }
disposition "busy"         { label = "Busy",             means = "nobody" }
disposition "voicemail"    { label = "Voicemail",        means = "nobody" }
disposition "wrong_number" { label = "Wrong number",     means = "wrong" }
disposition "refused"      { label = "Not interested",   means = "refused" }   -- leaves the campaign, unless its step says where else
disposition "do_not_call"  { label = "Never call again", means = "never" }     -- the same, and is called by nobody any more
