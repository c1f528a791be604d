-- a letter that is dropped on a day: its moment is that day, and the wait behind it counts from it
campaign "dropped" { enter = on "ask.call" { subject = "dropped" }, leave = withdrew "letter",
  step "letter" { letter "invitation" { drop = "Thursday", once_per = "household" } },
  step "mail"   { wait "3 days", email "welcome", leave "done" },
}
campaign "dropped-once" { enter = on "ask.call" { subject = "dropped-once" }, leave = withdrew "letter",
  step "letter" { letter "invitation" { drop = "2027-02-16" }, leave "done" },
}
