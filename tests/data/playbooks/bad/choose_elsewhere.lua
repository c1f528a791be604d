campaign "a" { enter = "by hand", leave = withdrew "call",
  step "x" { choose "timing" { now = "y", later = "x" } },
}
campaign "b" { enter = "by hand", leave = withdrew "letter",
  step "x" { letter "invitation", answers = { held = choose "timing" { now = "x" } } },
}
--> 2: campaign "a", step "x": "choose" is a word of the playbook that this version has for the points of a rule only.
--> 5: campaign "b", step "x": "choose" is a word of the playbook that this version has for the points of a rule only.
--> 5: campaign "b", step "x": note: no channel for letters is configured (nurture.conf: channel "letters" { plugin = "directmail" }), and this step needs it. Until it is, the step is recorded as "held: no channel" and leads go on.
