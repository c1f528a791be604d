-- (10) account-based: two roles awake, tell the owner, invite the role that is missing
segment "engaged" { title = "Engaged", who = score { nurture = at_least(40) } }
segment "awake-account" { title = "Two roles of the account engaged", who = people { segment "engaged", at_least = 2, different = "role" } }
campaign "hot-account" { title = "Tell the owner", enter = segment "awake-account", once_per = "account", again = "after 90 days",
  step "tell"     { alert "account-is-hot" { to = "owner" } },
  step "who-else" { when = none { people { role = "executive" } }, call "who-else" },
}
campaign "missing-role" { title = "Invite the role nobody has heard from", again = "after 180 days", leave = withdrew "email",
  enter = all { segment "awake-account", lead { role = known }, none { people { segment "engaged", same = "role" } } }, goal = segment "engaged",
  step "invite" { wait "1 business day", email "your-colleagues-are-reading" },
  step "letter" { wait_for { on "*", within = "10 days" }, leave "answered", otherwise = "post" },
  step "post"   { letter "executive-invitation" { drop = "Thursday", once_per = "household" } },
}
