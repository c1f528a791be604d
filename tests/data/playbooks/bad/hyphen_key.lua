campaign "drip" { enter = "by hand",
  step "a" { call "web-lead", answers = { no-answer = "a" } },
}
--> 2: campaign "drip", step "a": no-answer has a hyphen, so it cannot stand left of =. Names left of = use underscores: no_answer.
