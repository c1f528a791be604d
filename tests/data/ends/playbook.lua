-- How contacts end and where walks go then, each with the stories that show it: tests/unit/turn_ends_test.c tells them.
playbook "ends" { title = "Ends", time_zone = "Europe/Berlin", language = "en", postal_address = "Ends, 1 Example Street" }
consent "email"  { default = "opt-out", unknown = "opt-out" }
consent "call"   { default = "opt-out", unknown = "opt-out" }
consent "letter" { default = "opt-out", unknown = "opt-out" }
hours "office" { days = "Mon-Fri", from = "9:00", to = "17:00", zone = "Europe/Berlin" }
hours "call"   { days = "Mon-Fri", from = "9:00", to = "18:00" }
field "timing" { label = "Decision", type = "choice", choices = { "now: right now", "six_months: within six months", "later: some time later" } }
field "budget" { label = "Budget", type = "choice", choices = { "exists", "requested", "building" } }
field "return_reason" { label = "Why sales gave it back", type = "choice", choices = { "no_budget", "bad_timing", "competitor", "other" } }
field "spoke_with_us" { type = "yes/no" }
verb "ask.call" { by = "lead" }
verb "ask.handoff" { by = "lead" }
person "north" { name = "Sales North", email = "north@example.com" }
script "timeframe" { title = "When will they buy?", opening = "opening", closing = "closing",
  question "timing" { ask = "When do you expect to decide?", needed = true, next = choose "timing" { now = "budget", six_months = "budget", later = "closing" } },
  question "budget" { ask = "Is there a budget?" },
  result "now"   { when = lead { timing = "now", budget = { "exists", "requested" } } },
  result "soon"  { when = lead { timing = { "now", "six_months" } } },
  result "later" {},
}
script "plain" { question "timing" {} }
disposition "no_answer"    { label = "No answer",        means = "nobody" }
disposition "busy"         { label = "Busy",             means = "nobody", retry = retry { times = 1, every = "1 hour" } }
disposition "wrong_number" { label = "Wrong number",     means = "wrong" }
disposition "refused"      { label = "Not interested",   means = "refused" }
disposition "do_not_call"  { label = "Never call again", means = "never" }
model "interest" { rule "decides now" { lead { timing = "now" }, points = 20 } }
