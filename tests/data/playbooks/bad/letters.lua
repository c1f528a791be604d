campaign "drip" { enter = "by hand", leave = withdrew "letter",
  step "b" { letter "invitation" { drop = "Thrusday" } },
  step "c" { letter "invitation" { drop = "2027-02-30", once_per = "account" } },
  step "d" { letter "invitation" { drop = "2027-02-10 10:00" } },
  step "e" { letter "invitation" { drop = "Thursday", once_per = "household" } },
}
--> 2: campaign "drip", step "b": drop = "Thrusday" is no day. Did you mean "Thursday"? Write a weekday, like "Thursday", or a date, like "2027-03-18".
--> 2: campaign "drip", step "b": note: no channel for letters is configured (nurture.conf: channel "letters" { plugin = "directmail" }), and this step needs it. Until it is, the step is recorded as "held: no channel" and leads go on.
--> 3: campaign "drip", step "c": 30 February 2027 does not exist.
--> 3: campaign "drip", step "c": note: no channel for letters is configured (nurture.conf: channel "letters" { plugin = "directmail" }), and this step needs it. Until it is, the step is recorded as "held: no channel" and leads go on.
--> 3: campaign "drip", step "c": once_per = "account": of a letter it is "household".
--> 4: campaign "drip", step "d": drop = "2027-02-10 10:00" is no day. Write a weekday, like "Thursday", or a date, like "2027-03-18".
--> 4: campaign "drip", step "d": note: no channel for letters is configured (nurture.conf: channel "letters" { plugin = "directmail" }), and this step needs it. Until it is, the step is recorded as "held: no channel" and leads go on.
--> 5: campaign "drip", step "e": note: no channel for letters is configured (nurture.conf: channel "letters" { plugin = "directmail" }), and this step needs it. Until it is, the step is recorded as "held: no channel" and leads go on.
