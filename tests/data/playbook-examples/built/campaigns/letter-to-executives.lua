-- (13) letter with a personal URL; a call three days after the drop unless it was visited (a visit also takes back a queued call)
campaign "letter-to-executives" { title = "Letter to executives", enter = all { band "warm", lead { role = "executive" } }, existing = true,
  leave = any { withdrew "letter", stage "accepted" }, goal = on "letter.response" { step = "letter" }, at_goal = "thanks",
  step "letter"   { letter "executive-invitation" { drop = "Thursday", once_per = "household" }, answers = { undeliverable = "call", held = "call" } },
  step "call"     { wait "3 days", call "purchase-timeframe" { within = "2 business days" }, answers = { now = "to-sales" }, leave "called" },
  step "to-sales" { handoff "territory", leave "with sales" },
  step "thanks"   { email "thanks-for-the-visit" },
}
