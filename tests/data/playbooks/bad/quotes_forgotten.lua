campaign drip { enter = "by hand",
  step thanks { email welcome },
  step "b" { call "web-lead" { within = 3 days } },
  step "c" { email newsletter, go monthly },
}
--> 1: the name after campaign stands in quotes: campaign "drip".
--> 2: the name after email stands in quotes: email "welcome".
--> 2: the name after step stands in quotes: step "thanks".
--> 3: step "b": a length of time stands in quotes: "3 days".
--> 4: step "c": the name after email stands in quotes: email "newsletter".
--> 4: step "c": the name after go stands in quotes: go "monthly".
