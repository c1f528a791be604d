campaign "drip" { enter = "by hand",
  step "newsletter" { email "welcome" },
  step "other" { wait "1 day", email "welcome" },
  step "newsletter" { wait "1 day", email "newsletter" },
}
--> 4: campaign "drip": two steps are called "newsletter" (lines 2 and 4). Enrollments stand on step names, so each needs its own.
