-- After a white paper: thirty days of one good thing after another, then once a month.
-- The calls are made once a telephone channel is configured; until then they are recorded as held and the walk goes on.
-- With enough leads to measure, holdout = "10%" leaves every tenth out and tells what all this is worth.
campaign "thirty-day-nurture" { title = "After a white paper",
  enter = on "asset.download" { kind = "white-paper" }, again = "after 90 days",
  leave = any { stage "accepted", stage "customer", stage "disqualified", withdrew "email", on "suppression.add" { within = "1 day" } }, goal = grade "A1",

  step "thanks"      { day(1),  email "thanks-for-reading" { hours = "any" } },
  step "benefits"    { day(3),  email "key-benefits" },
  step "qualify"     { day(5),  call "purchase-timeframe" { within = "2 business days" },
                       answers = { now = "to-sales", soon = "grade-check", later = "e-seminar",
                                   nobody = retry { times = 3, every = "1 day", other_time = true }, otherwise = "grade-check" } },
  step "grade-check" { day(8),  when = grade "B2 or better", go "to-sales", otherwise = "e-seminar" },
  step "to-sales"    { handoff "territory", answers = { returned = "e-seminar", late = "remind-sales" }, leave "with sales" },
  step "remind-sales" { alert "lead-is-waiting" { to = "sales-desk" }, leave "with sales" },
  step "e-seminar"   { day(21), email "seminar-invitation" },
  step "newsletter"  { day(24), email "newsletter" },
  step "requalify"   { day(30), call "purchase-timeframe", answers = { now = "to-sales", soon = "to-sales", otherwise = "monthly" } },
  step "monthly"     { every "1 month", email "newsletter" },
}
