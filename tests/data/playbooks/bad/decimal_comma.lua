campaign "drip" { enter = "by hand", holdout = 0,10,
  step "a" { email "welcome" },
}
--> 1: campaign "drip": a number stands alone here (10). Was a decimal comma typed? Write "10%" or 0.10.
