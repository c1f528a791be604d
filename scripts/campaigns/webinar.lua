-- One webinar, from the invitation to the recording, by the clock of its own date (`at` in assets.lua). For the next one: copy, and name that asset.
-- Who is active in the three weeks before is invited; nobody after the fourth day before it.
campaign "webinar" { title = "Webinar: zero trust, live",
  enter = all { segment "active", before("3 weeks", "zero-trust-live"), none { before("4 days", "zero-trust-live") } }, existing = true,
  leave = any { withdrew "email", stage "customer", after("14 days", "zero-trust-live") }, goal = on "webinar.attend" { subject = "zero-trust-live" },

  step "invite"         { before("14 days", "zero-trust-live"), late = "now", email "webinar-invitation" },
  step "signed-up"      { wait_for { on "webinar.register" { subject = "zero-trust-live" }, within = "10 days" }, go "tomorrow", otherwise = "last-seats" },
  step "last-seats"     { before("3 days", "zero-trust-live"), email "webinar-last-seats" },
  step "signed-up-late" { wait_for { on "webinar.register" { subject = "zero-trust-live" }, within = "60 hours" }, go "tomorrow", otherwise = "recording" },
  -- Reminders that were asked for by signing up: they count for no cap.
  step "tomorrow"       { before("1 day", "zero-trust-live"), email "webinar-tomorrow" { purpose = "service" } },
  step "in-an-hour"     { before("1 hour", "zero-trust-live"), email "webinar-link" { purpose = "service", hours = "any" } },
  step "was-there"      { after("3 hours", "zero-trust-live"), when = on "webinar.attend" { subject = "zero-trust-live", value = at_least(10) },
                          email "webinar-slides", otherwise = "recording" },
  step "talk"           { wait "1 business day", when = lead { phone = known }, call "purchase-timeframe" { within = "3 business days" },
                          answers = { now = "to-sales", soon = "to-sales", otherwise = leave "attended" }, otherwise = "thank-you" },
  step "to-sales"       { handoff "territory", leave "with sales" },
  step "thank-you"      { leave "attended" },
  step "recording"      { after("1 day", "zero-trust-live"), email "webinar-recording" },
}
