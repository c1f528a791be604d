campaign "drip" { enter = "by hand", leave = withdrew "call",
  step "a" { call "purchase-timeframe" { within = "2 days" }, answers = { now = "c", soon = "b", later = "b", nobody = retry { times = 2, every = "1 day" } } },
  step "b" { wait "1 day", call "web-lead", answers = { reached = leave "spoke", held = "a" } },
  step "c" { wait "1 day", call "web-lead", answers = { otherwise = "d" } },
  step "d" { wait "1 day", call "web-lead", answers = { reached = "e" }, leave "called" },
  step "e" { wait "1 day", call "web-lead", answers = { meeting = leave "meets", reached = leave "spoke" } },
}
--> 2: campaign "drip", step "a": note: answers says nothing about wrong_number, late, held: these leads go on to "b". If not meant, add otherwise = ….
--> 2: campaign "drip", step "a": note: no channel for calls is configured (nurture.conf: channel "calls" { plugin = "telemarketing" }), and this step needs it. Until it is, the step is recorded as "held: no channel" and leads go on.
--> 3: campaign "drip", step "b": note: answers says nothing about wrong_number: these leads go on to "c". If not meant, add otherwise = ….
--> 3: campaign "drip", step "b": note: no channel for calls is configured (nurture.conf: channel "calls" { plugin = "telemarketing" }), and this step needs it. Until it is, the step is recorded as "held: no channel" and leads go on.
--> 4: campaign "drip", step "c": note: no channel for calls is configured (nurture.conf: channel "calls" { plugin = "telemarketing" }), and this step needs it. Until it is, the step is recorded as "held: no channel" and leads go on.
--> 5: campaign "drip", step "d": note: no channel for calls is configured (nurture.conf: channel "calls" { plugin = "telemarketing" }), and this step needs it. Until it is, the step is recorded as "held: no channel" and leads go on.
--> 6: campaign "drip", step "e": note: answers says nothing about wrong_number, held: these leads leave, their walk is over. If not meant, add otherwise = ….
--> 6: campaign "drip", step "e": note: no channel for calls is configured (nurture.conf: channel "calls" { plugin = "telemarketing" }), and this step needs it. Until it is, the step is recorded as "held: no channel" and leads go on.
