campaign "drip" { enter = "by hand", leave = withdrew "email",
  step "one"     { split { email "welcome" } },
  step "same"    { split { email "welcome", email "welcome" } },
  step "weights" { split { email "welcome", email "newsletter", weights = { 30 } } },
  step "nought"  { split { email "welcome", email "newsletter", weights = { 0, 100 } } },
  step "twice"   { split { email "welcome", email "newsletter" }, split { go "one", go "same" } },
  step "two"     { email "welcome", split { email "welcome", email "newsletter" } },
  step "inside"  { split { email "welcome", split { go "one", go "same" } } },
  step "first"   { split { email "welcome", email "newsletter", first = 20, after = "1 day", winner = on "email.click" } },
  step "what"    { split { email "welcome", email "newsletter", first = "20%" } },
  step "when"    { split { email "welcome", email "newsletter", first = "20%", winner = on "email.click" } },
  step "after"   { split { email "welcome", email "newsletter", after = "1 day" } },
  step "last"    { split { email "welcome", leave "control" }, stage "engaged" },
  step "sets"    { split { set { timing = "now" }, set { timing = "later" } } },
}
--> 10: campaign "drip", step "what": first = … tries the acts on some leads, and nothing says what wins. Add winner = on "email.click".
--> 11: campaign "drip", step "when": first needs after = "24 hours": how long the other leads wait for the winner.
--> 12: campaign "drip", step "after": after = … is when the winner is named, and nothing says what wins. Add winner = on "email.click".
--> 13: campaign "drip", step "last": leave "control" stands last in a step: what follows it is never done.
--> 2: campaign "drip", step "one": split is one of several acts, and here is one. split { email "a", email "b" }.
--> 3: campaign "drip", step "same": two acts of this split are called "welcome": who got which could never be told. Give each its own name.
--> 4: campaign "drip", step "weights": weights has 1 number for 2 acts: one for each, in their order.
--> 5: campaign "drip", step "nought": weights: 0 is no weight. A weight is a number above 0, like weights = { 30, 70 }.
--> 6: campaign "drip", step "twice": splits twice. A step splits once: give each its own step.
--> 7: campaign "drip", step "two": makes 2 contacts (email "welcome", split { … }). A step makes one: give each its own step.
--> 8: campaign "drip", step "inside": split cannot stand inside split: give it a step of its own, and go "step" to it.
--> 9: campaign "drip", step "first": first = 20 is no share of the leads. A fifth of them is "20%".
--> 14: campaign "drip", step "sets": two acts of this split are set: who got which could never be told. Put each into a step of its own: split { go "a", go "b" }.
