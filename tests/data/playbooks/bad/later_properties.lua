campaign "drip" { enter = "by hand", once_per = "account",
  step "a" { email "welcome" },
}
--> 1: campaign "drip": "once_per" is a word of the playbook that this version does not have yet.
