team "us" { "north", by = "turns" }
route "territory" { otherwise = "north", give "owner" {} }
campaign "drip" { enter = "by hand",
  step "b" { split { go "a", go "b" } },
}
--> 1: "team" is a word of the playbook that this version does not have yet.
--> 2: "give" is a word of the playbook that this version does not have yet.
--> 2: "route" is a word of the playbook that this version does not have yet.
--> 4: campaign "drip", step "b": "split" is a word of the playbook that this version does not have yet.
