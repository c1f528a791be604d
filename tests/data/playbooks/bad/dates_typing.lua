campaign "a" { enter = "by hand", leave = withdrew "email",
  step "one"   { before "1 day", email "welcome" },
  step "two"   { before("1 day"), email "welcome" },
  step "three" { before(1, "meeting_day"), email "welcome" },
  step "four"  { before("1 day", "meeting_day", "x"), email "welcome" },
}
--> 2: campaign "a", step "one": before takes a length of time and a date: before("1 day", "meeting_day").
--> 3: campaign "a", step "two": before takes a length of time and a date: before("1 day", "meeting_day").
--> 4: campaign "a", step "three": before takes a length of time and a date: before("1 day", "meeting_day").
--> 5: campaign "a", step "four": before takes a length of time and a date: before("1 day", "meeting_day").
