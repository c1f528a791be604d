-- A small sound playbook: each file of ../bad is checked together with it.
playbook "base" { title = "Base", time_zone = "Europe/Berlin", language = "en", postal_address = "Base, 1 Example Street" }
field "timing" { label = "Decision", type = "choice", choices = { "now: right now", "six_months: within six months", "later: some time later" } }
field "meeting_day" { type = "date" }
field "competitor" { type = "yes/no" }
field "visits" { type = "number" }
field "topics" { type = "choices", choices = { "security", "network" } }
field "employees" { of = "account", type = "number" }
field "industry" { of = "account", type = "choice", choices = { "finance", "health", "other" } }
verb "demo.request" { label = "asked for a demonstration", by = "lead" }
asset "security-guide" { kind = "white-paper", topic = "security", buying_stage = "learn", title = "The security guide", file = "guide.pdf" }
asset "bank-case" { kind = "case-study", topic = "security", buying_stage = "compare", title = "How a bank did it", file = "case.pdf" }
person "north" { name = "Sales North", email = "north@example.com" }
model "nature" { rule "big enough" { account { employees = at_least(200) }, points = 40 } }
model "nurture" { rule "read" { on "asset.download", points = 10, each = "subject", max = 30 } }
grades "main" { axes = { nature = { A = 75, B = 50, C = 25, D = 0 }, nurture = { 75, 50, 25, 0 } },
  band "ready" { grades = { "A1", "A2", "B1" } },
  band "other" { grades = { "A3", "A4", "B2", "B3", "B4", "C*", "D*" } },
}
model "sales" { rule "a good grade" { grade "A1", points = 10 }, rule "a good band" { band "ready", points = 5 } }
segment "active" { title = "Active", who = on "*" { within = "30 days" } }
consent "email" { default = "opt-out", unknown = "opt-in" }
disposition "no_answer"    { label = "No answer",        means = "nobody" }
disposition "voicemail"    { label = "Voicemail",        means = "nobody", retry = retry { times = 2, every = "1 business day", other_time = true } }
disposition "wrong_number" { label = "Wrong number",     means = "wrong" }
disposition "refused"      { label = "Not interested",   means = "refused" }
disposition "do_not_call"  { label = "Never call again", means = "never" }
script "web-lead" { title = "You asked us to call", question "timing" { ask = "How soon do you need an answer?" },
  result "meeting" { when = lead { timing = "now" } }, result "not_now" {} }
script "purchase-timeframe" { title = "When will they buy?", opening = "opening", closing = "closing",
  question "timing" { ask = "When do you expect to decide?", needed = true, next = choose "timing" { now = "meeting_day", six_months = "who", later = "closing" } },
  question "meeting_day" { ask = "Which day suits you?", next = "closing" },
  question "who" { ask = "Who else is involved?", creates = "colleague" },
  result "now" { when = lead { timing = "now" } }, result "soon" { when = lead { timing = "six_months" } }, result "later" {} }
team "desks" { "north", by = "turns" }
