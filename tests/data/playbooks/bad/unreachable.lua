campaign "drip" { enter = "by hand", leave = withdrew "email",
  step "a" { email "welcome", go "c" },
  step "b" { wait "1 day", email "welcome" },
  step "c" { wait "1 day", email "newsletter" },
}
--> 3: campaign "drip": nobody can reach step "b": the step above goes to "c", and nothing names "b". Delete it, or go "b" from somewhere.
