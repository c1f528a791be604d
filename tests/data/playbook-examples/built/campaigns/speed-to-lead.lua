-- (4) speed to lead
campaign "speed-to-lead" { title = "Call a web lead while it is warm", priority = "high",
  enter = on "form.submit" { subject = { "contact", "demo" } }, again = "after 30 days",
  leave = any { stage "accepted", stage "customer", withdrew "call" }, goal = on "call.answer",
  step "call-now"   { call "web-lead" { within = "5 business minutes", priority = "high" },
                      answers = { meeting = "to-sales", not_now = "keep-warm", late = "too-late", nobody = "call-again", otherwise = "write" } },
  step "too-late"   { alert "web-lead-is-waiting" { to = "sales-desk" } },
  step "call-again" { call "web-lead" { within = "2 business hours", priority = "high" },
                      answers = { meeting = "to-sales", not_now = "keep-warm", late = "write",
                                  nobody = retry { times = 3, every = "4 business hours", otherwise = "write" } } },
  step "write"      { email "we-tried-to-call" { hours = "any" }, go "keep-warm" },
  step "to-sales"   { handoff "territory" { within = "1 business hour" }, leave "with sales" },
  step "keep-warm"  { enroll "thirty-day-nurture" },
}
