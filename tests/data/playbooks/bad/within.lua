campaign "drip" { enter = "by hand",
  step "a" { email "welcome" { within = "2 days" } },
}
--> 2: campaign "drip", step "a": there is no "within" here. In a step, within belongs to call, handoff or wait_for: call "web-lead" { within = "5 business minutes" }.
