campaign "drip" { enter = "by hand", once_per = "account",
  step "a" { email "welcome" { offer = "next", start = "x" } },
  step "b" { letter "invitation" { drop = "Thursday" }, late = "now" },
}
--> 1: campaign "drip": "once_per" is a word of the playbook that this version does not have yet.
--> 2: campaign "drip", step "a": "offer" is a word of the playbook that this version does not have yet.
--> 2: campaign "drip", step "a": "start" is a word of the playbook that this version does not have yet.
--> 3: campaign "drip", step "b": "drop" is a word of the playbook that this version does not have yet.
