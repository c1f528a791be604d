-- An executive whom we know little gets a letter, with an address of their own in it (a QR code and a code to type). Who comes there is thanked; who does not is called
-- three days after the letter was dropped. A visit also takes back a call that waits in the queue.
-- Letters are made once there is a channel for them (nurture.conf: channel "letters" { plugin = "directmail" }); until then the call is made.
campaign "letter-to-executives" { title = "Letter to executives",
  enter = all { band "warm", lead { role = "executive" } }, existing = true,
  leave = any { withdrew "letter", withdrew "email", stage "accepted", stage "customer" },
  goal = on "letter.response" { step = "letter" }, at_goal = "thanks",

  step "letter"   { letter "executive-invitation" { drop = "Thursday", once_per = "household" },
                    answers = { undeliverable = "call", held = "call" } },
  step "call"     { wait "3 days", call "purchase-timeframe" { within = "2 business days" },
                    answers = { now = "to-sales" }, leave "called" },
  step "to-sales" { handoff "territory", leave "with sales" },
  step "thanks"   { email "thanks-for-the-visit" },
}
