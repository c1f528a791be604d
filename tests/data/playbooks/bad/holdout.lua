campaign "drip" { enter = "by hand", leave = withdrew "email", holdout = 10,
  step "a" { email "welcome" },
}
campaign "drop" { enter = "by hand", leave = withdrew "email", holdout = "ten",
  step "a" { email "welcome" },
}
--> 1: campaign "drip": holdout = 10 would leave everybody out. Ten per cent is "10%".
--> 4: campaign "drop": holdout = "ten" is no share. Ten per cent is "10%".
