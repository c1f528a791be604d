campaign "drip" { enter = "by hand", leave = withdrew "email",
  step "a" { email "welcome" },
  step "b" { wait "1 day", set { competitor = true }, answers = { returned = "a" } },
  step "c" { wait "1 day", alert "alarm" { to = "north" }, answers = { held = "a" } },
}
--> 3: campaign "drip", step "b": answers tell how a contact ended, and this step makes none.
--> 4: campaign "drip", step "c": answers tell how a contact ended, and this step makes none.
