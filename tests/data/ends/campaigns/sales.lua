-- What sales say of a lead ends its handoff; without answers a handoff is over at once.
campaign "hand" { enter = on "ask.handoff" { subject = "all" }, again = "always", leave = withdrew "email",
  step "sales" { handoff "territory", answers = { returned = choose "return_reason" { no_budget = "budget", bad_timing = "timing", otherwise = "warm" },
                                                  late = "late" }, leave "with sales" },
  step "budget" { email "budget", leave "budget" },
  step "timing" { email "timing", leave "timing" },
  step "late"   { alert "late" { to = "desk" }, email "late", leave "late" },
  step "warm"   { email "warm" },
}
campaign "quick" { enter = on "ask.handoff" { subject = "quick" }, again = "always", leave = withdrew "email",
  step "sales" { handoff "owner-first", leave "with sales" },
}
campaign "direct" { enter = on "ask.handoff" { subject = "direct" }, again = "always", leave = withdrew "email",
  step "sales" { handoff "north" { within = "1 business hour" }, answers = { accepted = "welcome", otherwise = "warm" } },
  step "welcome" { email "welcome", leave "accepted" },
  step "warm"    { email "warm" },
}
-- By a field: what nothing is said about is held until somebody says.
campaign "why" { enter = on "ask.handoff" { subject = "why" }, again = "always", leave = withdrew "email",
  step "why"    { choose "return_reason" { no_budget = "budget", bad_timing = "timing", competitor = leave "competitor", other = "warm" } },
  step "budget" { email "budget", leave "budget" },
  step "timing" { email "timing", leave "timing" },
  step "warm"   { email "warm" },
}
-- Two in a row: a word is about the one that was made when it was said.
campaign "twice" { enter = on "ask.handoff" { subject = "twice" }, again = "always", leave = withdrew "email",
  step "sales"  { handoff "territory", answers = { returned = "second", otherwise = leave "taken" } },
  step "second" { handoff "north", answers = { returned = "warm", otherwise = leave "taken" } },
  step "warm"   { email "warm" },
}
campaign "asked" { enter = on "ask.handoff" { subject = "asked" }, again = "always", leave = withdrew "email",
  step "sales"  { handoff "north", answers = { returned = choose "return_reason" { no_budget = "budget", bad_timing = "timing", competitor = leave "gone", other = "budget" }, otherwise = leave "taken" } },
  step "budget" { email "budget", leave "budget" },
  step "timing" { email "timing", leave "timing" },
}
