team "us" { "north", by = "turns" }
route "territory" { otherwise = "north", give "owner" {} }
script "s" { result "later" {} }
campaign "drip" { enter = "by hand",
  step "b" { split { go "a", go "b" } },
  step "c" { call "web-lead", answers = { nobody = retry { times = 3 } } },
}
--> 1: "team" is a word of the playbook that this version does not have yet.
--> 2: "give" is a word of the playbook that this version does not have yet.
--> 2: "route" is a word of the playbook that this version does not have yet.
--> 3: "result" is a word of the playbook that this version does not have yet.
--> 3: "script" is a word of the playbook that this version does not have yet.
--> 5: campaign "drip", step "b": "split" is a word of the playbook that this version does not have yet.
--> 6: campaign "drip", step "c": "retry" is a word of the playbook that this version does not have yet.
