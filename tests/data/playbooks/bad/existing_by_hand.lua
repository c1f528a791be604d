campaign "drip" { enter = "by hand", existing = true, holdout = -0.1, leave = withdrew "email",
  step "a" { email "welcome" },
}
--> 1: campaign "drip": existing = true lets in those for whom enter is true already, and here it is "by hand".
--> 1: campaign "drip": holdout = -0.1 is no share. Ten per cent is "10%".
