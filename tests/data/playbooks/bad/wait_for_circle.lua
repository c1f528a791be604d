campaign "a" { enter = "by hand", leave = withdrew "email",
  step "one" { wait_for { on "email.click", within = "7 days" }, go "two", otherwise = "mail" },
  step "two" { set { competitor = true }, go "one" },
  step "mail" { email "welcome", go "one" },
}
campaign "fine" { enter = "by hand", leave = withdrew "email",
  step "mail" { email "welcome" },
  step "one" { wait_for { on "email.click", within = "7 days" }, leave "clicked", otherwise = "mail" },
}
--> 2: campaign "a": goes round without a pause: "one" → "two" → "one". Put a wait or every into one of them (day(4) only waits the first time round).
