-- What we want to know about a lead and its company, beyond name and address.
field "need"   { label = "Need", type = "choice", choices = { "critical: mission-critical", "planned: a planned project", "curious: just curious" } }
field "timing" { label = "Decision", type = "choice", choices = { "now: right now", "six_months: within six months", "later: some time later" } }
field "budget" { label = "Budget", type = "choice", choices = { "exists", "requested", "building: building the business case" } }
field "meeting_day" { label = "Agreed demonstration", type = "date" }
field "competitor" { label = "Competitor", type = "yes/no" }

field "industry"  { of = "account", label = "Industry", type = "choice", choices = { "finance", "health", "public", "other" } }
field "employees" { of = "account", label = "Employees", type = "number" }

verb "demo.request" { label = "asked for a demonstration", by = "lead" }
