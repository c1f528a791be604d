-- (11) sales gave it back: go on by the reason
campaign "recycle" { title = "Back from sales", enter = on "handoff.return", again = "always",
  leave = any { stage "accepted", stage "customer", withdrew "email" }, goal = on "handoff.accept",
  step "mark"   { stage "recycled" },
  step "why"    { choose "return_reason" { no_budget = "budget", bad_timing = "later", wrong_person = "colleague", not_reached = "reach",
                                           competitor = "drop", other = "warm" } },
  step "drop"   { set { competitor = true }, stage "disqualified", leave "competitor" },
  step "budget" { wait "90 days", go "reach" },
  step "later"  { wait "60 days", go "reach" },
  step "colleague" { call "who-else", go "warm" },
  step "reach"  { call "purchase-timeframe" { within = "3 business days" },
                  answers = { now = "back-to-sales", soon = "back-to-sales", nobody = retry { times = 4, every = "2 business days", otherwise = "warm" } }, go "warm" },
  step "back-to-sales" { handoff "owner-first", leave "with sales" },
  step "warm"   { enroll "drip" },
}
route "owner-first" { title = "To the one who had it", otherwise = "sales-desk", give "owner" {} }
