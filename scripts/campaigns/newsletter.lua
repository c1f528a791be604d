-- The monthly newsletter, for those whom another campaign puts here (or somebody by hand). The thirty days end with the same mail: whoever had it
-- there in the last three weeks does not get it twice.
campaign "newsletter" { title = "Monthly newsletter", priority = "low", enter = "by hand", again = "always",
  leave = any { withdrew "email", on "suppression.add" { within = "1 day" } },
  step "issue" { every "1 month", when = none "email.send" { subject = "newsletter", within = "3 weeks" }, email "newsletter", otherwise = "issue" },
}
