campaign "drip" { enter = "by hand", leave = withdrew "email",
  step "a" { email "welcome", go "d" },
  step "c" { wait "1 day", when = stage "customer", email "newsletter", otherwise = "aa" },
  step "f" { function(lead) if lead.visits == 3 then return go "b" end end },
}
--> 2: campaign "drip", step "a": goes to "d", which does not exist. Did you mean "a"?
--> 3: campaign "drip", step "c": goes to "aa", which does not exist. Did you mean "a"?
--> 4: campaign "drip", step "f": goes to "b", which does not exist. Did you mean "a"?
