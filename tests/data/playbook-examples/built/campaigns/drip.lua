-- (6) drip for C and D: the next asset of the link map, never one twice
campaign "drip" { title = "From general to special", priority = "low",
  enter = grade { "C*", "D*" }, again = "always", existing = true,
  leave = withdrew "email", goal = grade { "A*", "B*" }, at_goal = "leave",
  step "next-read" { every "3 weeks", email "worth-reading" { offer = "next", start = "security-guide" }, otherwise = "all-read" },
  step "all-read"  { enroll "newsletter" },
}
campaign "newsletter" { title = "Monthly newsletter", enter = "by hand", leave = withdrew "email",
  step "issue" { every "1 month", email "newsletter" },
}
