campaign "drip" { enter = "by hand",
  step "a" { emial "welcome" },
}
segment "x" { who = wonderful { 1 } }
--> 2: "emial" is not a word of the playbook. Did you mean "email"? If it is a name, put it in quotes.
--> 4: "wonderful" is not a word of the playbook. If it is a name, put it in quotes.
