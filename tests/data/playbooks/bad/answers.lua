campaign "drip" { enter = "by hand", leave = withdrew "call",
  step "a" { call "purchase-timeframe", answers = { nobdy = "b", otherwise = "b" } },
  step "b" { call "purchase-timeframe", answers = { now = "c", later = "c", nobody = "c", held = "d", wrong_number = "d" } },
  step "c" { call "web-lead", answers = { otherwise = 3 } },
  step "d" { email "welcome", answers = { bounecd = "b", held = leave } },
  step "e" { letter "invitation", answers = { nobody = "b" } },
  step "f" { handoff "north", answers = { taken = "b" } },
  step "g" { call "web-lead", answers = { late = "b", otherwise = "g" }, leave "called" },
  step "h" { call "web-lead", function(lead) return leave "x" end, answers = { otherwise = "g" } },
  step "i" { call "web-lead", handoff "north", answers = { otherwise = "g" } },
  step "j" { handoff "north", answers = { accepted = "jj" }, leave "with sales" },
}
--> 2: campaign "drip", step "a": "nobdy" is not a way this call can end. It ends with: now, soon, later, nobody, no_answer, voicemail, wrong_number, refused, do_not_call, late, held. Did you mean "nobody"?
--> 2: campaign "drip", step "a": note: no channel for calls is configured (nurture.conf: channel "calls" { plugin = "telemarketing" }), and this step needs it. Until it is, the step is recorded as "held: no channel" and leads go on.
--> 3: campaign "drip", step "b": answers says nothing about "soon". Add it, or otherwise = ….
--> 3: campaign "drip", step "b": note: no channel for calls is configured (nurture.conf: channel "calls" { plugin = "telemarketing" }), and this step needs it. Until it is, the step is recorded as "held: no channel" and leads go on.
--> 4: campaign "drip", step "c": answers: otherwise = 3: a step's name in quotes, retry { … }, choose "field" { … } or leave "why".
--> 4: campaign "drip", step "c": answers says nothing about "meeting". Add it, or otherwise = ….
--> 4: campaign "drip", step "c": note: no channel for calls is configured (nurture.conf: channel "calls" { plugin = "telemarketing" }), and this step needs it. Until it is, the step is recorded as "held: no channel" and leads go on.
--> 5: campaign "drip", step "d": "bounecd" is not a way this mail can end. It ends with: bounced, late, held. Did you mean "bounced"?
--> 5: campaign "drip", step "d": answers: held = leave: a step's name in quotes, retry { … }, choose "field" { … } or leave "why".
--> 6: campaign "drip", step "e": "nobody" is not a way this letter can end. It ends with: undeliverable, late, held.
--> 6: campaign "drip", step "e": note: no channel for letters is configured (nurture.conf: channel "letters" { plugin = "directmail" }), and this step needs it. Until it is, the step is recorded as "held: no channel" and leads go on.
--> 7: campaign "drip", step "f": "taken" is not a way this handoff can end. It ends with: accepted, returned, late, held.
--> 8: campaign "drip", step "g": late can never happen: say how long there is for the call: call "web-lead" { within = "2 business days" }.
--> 8: campaign "drip", step "g": note: no channel for calls is configured (nurture.conf: channel "calls" { plugin = "telemarketing" }), and this step needs it. Until it is, the step is recorded as "held: no channel" and leads go on.
--> 9: campaign "drip", step "h": a function behind a contact cannot stand beside answers: give it a step of its own.
--> 9: campaign "drip", step "h": note: no channel for calls is configured (nurture.conf: channel "calls" { plugin = "telemarketing" }), and this step needs it. Until it is, the step is recorded as "held: no channel" and leads go on.
--> 10: campaign "drip", step "i": answers cannot tell the end of the contact from that of the handoff. Give each its own step.
--> 10: campaign "drip", step "i": note: no channel for calls is configured (nurture.conf: channel "calls" { plugin = "telemarketing" }), and this step needs it. Until it is, the step is recorded as "held: no channel" and leads go on.
--> 11: campaign "drip", step "j": goes to "jj", which does not exist. Did you mean "j"?
