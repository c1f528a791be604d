script "asks" { question "timing" {}, question "meeting_day" {}, question "who" { creates = "colleague" } }
campaign "drip" { enter = "by hand", leave = withdrew "email",
  step "a" { call "asks", answers = { nobody = "b", otherwise = "b" } },
  step "b" { email "welcome" },
}
--> 3: campaign "drip", step "a": note: no channel for calls is configured (nurture.conf: channel "calls" { plugin = "telemarketing" }), and this step needs it. Until it is, the step is recorded as "held: no channel" and leads go on.
--> 3: campaign "drip", step "a": note: script "asks" has no result: every call that reaches somebody ends as "reached", and answers says nothing about that. Add result "…" {} to it.
