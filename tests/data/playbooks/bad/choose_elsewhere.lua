campaign "a" { enter = "by hand", leave = withdrew "call",
  step "x" { choose "timing" { now = "y", later = "x" } },
  step "z" { choose "timing" { now = 3, otherwise = leave "x" } },
  step "v" { choose "timing" { otherwise = "x" }, set { competitor = true } },
  step "w" { choose "competitor" { otherwise = "x" } },
}
segment "s" { who = any { choose "timing" { now = "x", otherwise = "x" } } }
--> 2: campaign "a", step "x": choose "timing" says nothing about "six_months". Add it, or otherwise = ….
--> 2: campaign "a", step "x": goes to "y", which does not exist. Did you mean "x"?
--> 2: campaign "a", step "x": note: choose "timing" says nothing about an empty timing: who has none is held there until it is filled. If not meant, add otherwise = ….
--> 3: campaign "a", step "z": now = 3: a step's name in quotes, or leave "why".
--> 4: campaign "a", step "v": choose "timing" stands last in a step: what follows it is never done.
--> 5: campaign "a", step "w": choose needs a field with choices; competitor is none.
--> 7: segment "s": choose "timing" does something and stands where a question is asked.
