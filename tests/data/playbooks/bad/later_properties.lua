campaign "drip" { enter = "by hand", once_per = "account",
  step "a" { email "welcome" },
  step "b" { letter "invitation" { drop = "Thursday" }, late = "now" },
}
--> 1: campaign "drip": "once_per" is a word of the playbook that this version does not have yet.
--> 3: campaign "drip", step "b": "drop" is a word of the playbook that this version does not have yet.
