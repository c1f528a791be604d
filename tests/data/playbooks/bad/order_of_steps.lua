campaign "drip" { enter = "by hand", leave = withdrew "email",
  step "a" { day(5), email "welcome" },
  step "b" { stage "engaged" },
  step "c" { day(3), email "newsletter" },
  step "d" { before("1 hour", "meeting_day"), email "welcome", otherwise = "e" },
  step "e" { before("3 days", "meeting_day"), email "newsletter", otherwise = "f" },
  step "f" { after("1 day", "meeting_day"), leave "over" },
  step "g" { day(2), when = stage "engaged", email "welcome" },
}
--> 4: campaign "drip", step "c": note: day(3) stands below day(5) of step "a": it is done on that day too, at once after it. If not meant, change their order.
--> 6: campaign "drip", step "e": note: this moment is earlier than that of step "d" above: it is over when leads come here. If not meant, change their order.
