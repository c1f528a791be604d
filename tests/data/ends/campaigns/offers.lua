-- The next asset of the link map, never one twice, and then something else.
verb "ask.offer" { by = "lead" }
campaign "drip" { enter = on "ask.offer", leave = withdrew "email",
  step "next" { every "3 weeks", email "next" { offer = "next", start = "guide" }, otherwise = "done" },
  step "done" { email "spent" },
}
