campaign "b" { enter = "by hand", leave = withdrew "email",
  step "six"   { wait "1 day" { within = "7 days" }, email "welcome" { within = "7 days" } },
  step "eight" { wait_for { email "welcome", within = "7 dayz" } },
  step "last"  { wait_for "email.click" },
}
--> 2: campaign "b": wait "1 day" takes no braces.
--> 2: campaign "b", step "six": there is no "within" here. In a step, within belongs to call, handoff or wait_for: call "web-lead" { within = "5 business minutes" }.
--> 3: campaign "b", step "eight": "7 dayz" is not a length of time. Write a number and minutes, hours, days, weeks, months, years or business days, like "2 business days".
--> 3: campaign "b", step "eight": email "welcome" does something and stands where a question is asked.
--> 4: campaign "b", step "last": wait_for takes braces: wait_for { … }.
