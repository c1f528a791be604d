campaign "drip" { enter = "by hand", leave = withdrew "email",
  step "a" { email "welcome", was = "x" },
  step "b" { wait "1 day", email "welcome", was = { "y", "x" } },
}
--> 3: campaign "drip": was = "x": step "a" on line 2 takes it over already.
