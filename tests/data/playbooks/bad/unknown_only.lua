campaign "drip" { enter = "by hand", leave = withdrew "email",
  step "a" { suppress "emial" },
  step "b" { wait "1 day", stage "qualifed" },
  step "c" { handoff "nroth" },
  step "d" { enroll "drap" },
}
--> 2: campaign "drip", step "a": there is no channel "emial". Did you mean "email"? The channels are email, call, letter.
--> 3: campaign "drip", step "b": there is no stage "qualifed". Did you mean "qualified"? The stages are inquiry, engaged, qualified, accepted, opportunity, customer, recycled, disqualified.
--> 4: campaign "drip", step "c": there is no person "nroth". Did you mean "north"?
--> 5: campaign "drip", step "d": there is no campaign "drap". Did you mean "drip"?
