field "return_reason" { type = "choice", choices = { "no_budget", "bad_timing", "other" } }
campaign "a" { enter = "by hand", leave = withdrew "email",
  step "why" { choose "return_reason" { no_budget = "budget", bad_timing = "later", other = "reach" } },
  step "budget" { wait "90 days" },
  step "later" { wait "60 days", go "reach" },
  step "reach" { email "welcome" },
}
campaign "b" { enter = "by hand", leave = withdrew "email",
  step "why" { choose "return_reason" { no_budget = "budget", bad_timing = leave "later", otherwise = "end" } },
  step "lost" { email "welcome" },
  step "budget" { wait "90 days" },
  step "more" { email "welcome", go "end" },
  step "end" { wait "60 days", stage "recycled" },
}
--> 3: campaign "a", step "why": note: choose "return_reason" says nothing about an empty return_reason: who has none is held there until it is filled. If not meant, add otherwise = ….
--> 4: campaign "a": step "later" is a branch of "why", but leads also fall into it from "budget" above. End "budget" with go or leave.
--> 10: campaign "b": nobody can reach step "lost": the step above chooses others, and nothing names "lost". Delete it, or go "lost" from somewhere.
