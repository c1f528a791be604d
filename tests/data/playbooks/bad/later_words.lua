campaign "drip" { enter = "by hand",
  step "b" { split { go "a", go "b" } },
}
--> 2: campaign "drip", step "b": "split" is a word of the playbook that this version does not have yet.
