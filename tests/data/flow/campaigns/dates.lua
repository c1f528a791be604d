-- before, after: an asset's date, a field of the lead, a field of its account
campaign "webinar" { enter = on "case.plan" { subject = "live" }, leave = withdrew "email",
  step "invite"   { before("14 days", "live"), late = "now", email "invitation" },
  step "tomorrow" { before("1 day", "live"), email "soon" },
  step "hour"     { before("1 hour", "live"), email "reminder" { purpose = "service", hours = "any" } },
  step "slides"   { after("3 hours", "live"), email "thanks" },
}
campaign "meeting" { enter = before("2 days", "meeting_day"), again = "always", leave = withdrew "email",
  step "remind"    { before("1 day", "meeting_day"), email "reminder", otherwise = "no-meeting" },
  step "ask"       { after("1 business day", "meeting_day"), email "thanks", leave "met" },
  step "no-meeting" { leave "no meeting" },
}
-- 29 February, a year later
campaign "birthday" { enter = after("1 year", "meeting_day"), leave = withdrew "email", step "hello" { email "hello" } }
-- whoever is too late is not asked: a second moment bounds the first
campaign "renewal" { enter = all { before("1 week", "renewal_day"), none { after("1 day", "renewal_day") } }, leave = withdrew "email",
  step "soon" { email "soon" },
}
campaign "clocks" { enter = on "case.plan" { subject = "clocks" }, leave = withdrew "email",
  step "spring"  { before("1 day", "spring"), email "hello" },
  step "spring-minus" { before("10 hours", "spring"), email "soon" },
  step "autumn"  { after("1 day", "autumn"), email "sorry" },
}
-- what is overdue
campaign "late" { enter = on "case.late", leave = withdrew "email",
  step "pause" { wait "10 days" },
  step "skip"  { day(3), late = "skip", email "soon" },
  step "now"   { day(5), email "hello" },
  step "spread" { day(7), late = "spread", email "thanks" },
}
