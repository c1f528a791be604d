campaign "drip" { enter = "by hand", leave = withdrew "email",
  step "a" { email "welcome", go "c" },
  step "c" { day(4), email "newsletter", go "a" },
}
campaign "sales-decides" { enter = "by hand", leave = withdrew "email",
  step "mail"     { email "welcome" },
  step "to-sales" { handoff "north", answers = { returned = "mail", late = "mail" }, leave "with sales" },
}
--> 2: campaign "drip": goes round without a pause: "a" → "c" → "a". Put a wait or every into one of them (day(4) only waits the first time round).
