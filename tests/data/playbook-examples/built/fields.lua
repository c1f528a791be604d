-- fields.lua
field "need"   { label = "Need", type = "choice", choices = { "critical: mission-critical", "planned: a planned project", "curious: just curious" } }
field "timing" { label = "Decision", type = "choice", choices = { "now: right now", "six_months: within six months", "later: some time later" } }
field "budget" { label = "Budget", type = "choice", choices = { "exists", "requested", "building: building the business case" } }
field "return_reason" { label = "Why sales gave it back", type = "choice",
                        choices = { "no_budget", "bad_timing", "wrong_person", "not_reached", "competitor", "other" } }
field "competitor"  { label = "Competitor", type = "yes/no" }
field "meeting_day" { label = "Agreed meeting", type = "date" }
field "others"      { label = "Who else decides", type = "text" }
field "industry"    { of = "account", label = "Industry", type = "choice", choices = { "finance", "health", "public", "other" } }
field "employees"   { of = "account", label = "Employees", type = "number" }
verb "demo.request" { label = "asked for a demonstration", by = "lead" }
disposition "no_answer"    { label = "No answer",    means = "nobody" }
disposition "voicemail"    { label = "Voicemail",    means = "nobody" }
disposition "wrong_number" { label = "Wrong number", means = "wrong" }
disposition "refused"      { label = "Not interested", means = "refused" }
disposition "do_not_call"  { label = "Never call again", means = "never" }
