campaign "drip" { enter = "by hand", leave = withdrew "call",
  step "a" { call "web-lead", answers = { hled = "b" } },
  step "b" { call "web-lead", answers = { nobody = "a" } },
}
--> 2: campaign "drip", step "a": "hled" is not a way this contact can end. It ends with: held. Did you mean "held"?
--> 2: campaign "drip", step "a": note: no channel for calls is configured (nurture.conf: channel "calls" { plugin = "telemarketing" }), and this step needs it. Until it is, the step is recorded as "held: no channel" and leads go on.
--> 3: campaign "drip", step "b": answers: "nobody" is a word of the playbook that this version does not have yet.
--> 3: campaign "drip", step "b": note: no channel for calls is configured (nurture.conf: channel "calls" { plugin = "telemarketing" }), and this step needs it. Until it is, the step is recorded as "held: no channel" and leads go on.
