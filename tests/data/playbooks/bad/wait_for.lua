campaign "a" { enter = "by hand", leave = withdrew "email",
  step "one"   { wait_for { on "email.click" }, email "welcome" },
  step "two"   { wait_for { within = "7 days" }, email "welcome" },
  step "three" { wait_for { on "email.click", on "form.submit", within = "7 days" }, email "welcome" },
  step "four"  { wait_for { on "email.click", within = "7 days", since = "nine" }, email "welcome" },
  step "five"  { wait_for { on "email.click", within = "7 days", since = "six" }, email "welcome" },
  step "six"   { wait "1 day", set { competitor = true } },
  step "ten"   { wait_for { on "email.clic", within = "7 days" }, email "welcome" },
}
--> 2: campaign "a", step "one": wait_for needs an end: within = "7 days".
--> 3: campaign "a", step "two": wait_for waits for nothing: wait_for { on "email.click", within = "7 days" }.
--> 4: campaign "a", step "three": wait_for waits for one condition. Several are joined by any { … } or all { … }.
--> 5: campaign "a", step "four": goes to "nine", which does not exist.
--> 8: campaign "a", step "ten": there is no verb "email.clic". Did you mean "email.click"? An event of your own needs verb "email.clic" { … } first.
--> 6: campaign "a", step "five": since = "six": that step makes no contact to count from. since = "step" counts from coming to this one.
