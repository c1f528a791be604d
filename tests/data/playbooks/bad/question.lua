campaign "drip" { enter = "by hand",
  step "a" { grade "B2", email "welcome" },
}
--> 2: campaign "drip", step "a": grade "B2" is a question and stands where something is done. Write when = grade "B2".
