campaign "drip" { enter = "by hand", leave = withdrew "email",
  step "a" { email "welcome", call "web-lead" },
}
--> 2: campaign "drip", step "a": makes 2 contacts (email "welcome", call "web-lead"). A step makes one: give each its own step.
--> 2: campaign "drip", step "a": note: no channel for calls is configured (nurture.conf: channel "calls" { plugin = "telemarketing" }), and this step needs it. Until it is, the step is recorded as "held: no channel" and leads go on.
