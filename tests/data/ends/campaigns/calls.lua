-- Every end of a call has a way.
campaign "ask" { enter = on "ask.call" { subject = "all" }, again = "always", leave = withdrew "email",
  step "call"   { call "timeframe" { within = "2 business days" }, set { spoke_with_us = true },
                  answers = { now = "now", soon = "soon", later = "later", nobody = "nobody", wrong_number = "wrong", late = "late", otherwise = "other" } },
  step "now"    { email "now",    leave "now" },
  step "soon"   { email "soon",   leave "soon" },
  step "later"  { email "later",  leave "later" },
  step "nobody" { email "nobody", leave "nobody" },
  step "wrong"  { email "wrong",  leave "wrong" },
  step "late"   { email "late",   leave "late" },
  step "other"  { email "other",  leave "other" },
}
-- Ends of which nothing is said: nobody, wrong and held go the same other way, who refuses leaves, a result goes on in the step.
campaign "unsaid" { enter = on "ask.call" { subject = "unsaid" }, again = "always", leave = withdrew "email",
  step "call"  { call "timeframe", set { spoke_with_us = true }, answers = { now = "now" }, otherwise = "other", go "below" },
  step "now"   { email "now",   leave "now" },
  step "other" { email "other", leave "other" },
  step "below" { email "below" },
}
campaign "plain" { enter = on "ask.call" { subject = "plain" }, again = "always", leave = withdrew "email",
  step "call"  { call "plain", answers = { reached = "now", otherwise = "other" } },
  step "now"   { email "now",   leave "now" },
  step "other" { email "other", leave "other" },
}
-- Again: three times, at another time of day, then the way of those who are spent.
campaign "again" { enter = on "ask.call" { subject = "again" }, again = "always", leave = withdrew "email",
  step "call"  { call "timeframe", answers = { nobody = retry { times = 2, every = "1 business day", other_time = true, otherwise = "spent" }, otherwise = "other" } },
  step "other" { email "other", leave "other" },
  step "spent" { email "spent" },
}
