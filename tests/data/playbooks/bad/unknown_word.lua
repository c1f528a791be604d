campaign "drip" { enter = "by hand",
  step "a" { emial "welcome" },
}
segment "x" { who = wonderful { 1 } }
--> 2: campaign "drip", step "a": "emial" is not a word of the playbook. Did you mean "email"? If it is a name, put it in quotes.
--> 4: segment "x": "wonderful" is not a word of the playbook. If it is a name, put it in quotes.
