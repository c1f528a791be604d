-- Who asks us to call is called within five minutes of our office hours, before everybody else; when that is late, sales are told.
-- The calls are made once a telephone channel is configured (nurture.conf: channel "calls" { plugin = "telemarketing" }); until then the lead gets the mail.
campaign "speed-to-lead" { title = "Call a web lead while it is warm", priority = "high",
  enter = on "form.submit" { subject = "call-me" }, again = "after 30 days",
  leave = any { stage "accepted", stage "customer", withdrew "call", withdrew "email" }, goal = on "call.answer",

  step "call-now"   { call "web-lead" { within = "5 business minutes", priority = "high", purpose = "service" },
                      answers = { meeting = "to-sales", not_now = "keep-warm", late = "too-late", nobody = "call-again", otherwise = "write" } },
  step "too-late"   { alert "lead-is-waiting" { to = "sales-desk" } },
  step "call-again" { call "web-lead" { within = "6 business hours", priority = "high", purpose = "service" },
                      answers = { meeting = "to-sales", not_now = "keep-warm", late = "write",
                                  nobody = retry { times = 3, every = "4 business hours", other_time = true, otherwise = "write" }, otherwise = "write" } },
  step "write"      { email "we-tried-to-call" { hours = "any" }, go "keep-warm" },
  step "to-sales"   { handoff "territory", leave "with sales" },
  step "keep-warm"  { enroll "drip" },
}
