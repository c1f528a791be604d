campaign "drip" { enter = "by hand", leave = withdrew "email",
  step "a" { wait(3), email "welcome" },
  step "c" { call "web-lead" { within = 3 } },
}
--> 2: campaign "drip", step "a": 3 what? Write a unit: "3 days".
--> 3: campaign "drip", step "c": 3 what? Write a unit: "3 days".
