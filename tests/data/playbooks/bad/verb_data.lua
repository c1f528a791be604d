verb "demo.ask" { by = "lead", value = "seats asked for", fields = { "plan: which plan", "length" } }
verb "demo.odd" { by = "lead", fields = { "two words" } }
segment "a" { who = on "demo.ask" { value = at_least(20), data = { plan = "large" } } }
segment "b" { who = on "demo.ask" { data = { plam = "large" } } }
campaign "drip" { enter = "by hand", once_per = "household",
  step "a" { email "welcome" },
}
--> 2: verb "demo.odd": "two words" cannot be a field: names left of = have small letters, digits and underscores. A label stands behind a colon: "now: right now".
--> 4: segment "b": there is no "plam" in the data of demo.ask. Did you mean "plan"? verb "demo.ask" { fields = { … } } says what there is.
--> 5: campaign "drip": once_per = "household": of a campaign it is "account".
