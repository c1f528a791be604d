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
person "west"  { name = "Sales West",  email = "west@example.com", hours = "Mon-Fri 9:00-17:00" }
person "south" { name = "Sales South", email = "south@example.com", hours = "Tue-Sat 9:00-17:00" }
team "desk"  { "north", "west", by = "fewest open" }
team "turns" { "north", "west", "south", by = "turns" }
route "territory" { title = "Whose lead is it?", within = "4 business hours", otherwise = "desk",
  give "owner" { account { owner = known } },
  give "north" { lead { country = { "DE", "AT" } } },
  give "turns" { lead { country = "US" }, account { employees = at_least(200) } },
}
route "owner-first" { title = "To the one who had it", otherwise = "west", give "owner" {} }
field "employees" { of = "account", type = "number" }
asset "guide"      { kind = "white-paper", title = "The guide",  url = "https://example.com/guide", next = { "case", "live" } }
asset "case"       { kind = "case-study",  title = "The case",   url = "https://example.com/case",  next = { "sheet", "guide" } }
asset "live"       { kind = "webinar",     title = "Live",       at = "2027-02-20 15:00 Europe/Berlin", next = { "prices" } }
asset "sheet"      { kind = "product",     title = "The sheet",  url = "https://example.com/sheet" }
asset "prices"     { kind = "prices",      title = "Prices",     url = "https://example.com/prices" }
