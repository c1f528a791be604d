-- For those who do not fit well, or not yet: every three weeks the next thing of the library that they do not have, from general to special.
-- Only who has had no mail from us for six weeks comes in: those in the first weeks, in the thirty days or in the newsletter are spoken to already.
campaign "drip" { title = "From general to special", priority = "low",
  enter = all { grade { "C*", "D*" }, allowed "email", none "email.send" { within = "6 weeks" } }, again = "always", existing = true,
  leave = any { withdrew "email", stage "accepted", stage "customer", stage "disqualified", segment "lapsed",
                on "asset.download" { kind = "white-paper", within = "30 days" } },
  goal = grade { "A*", "B*" }, at_goal = "leave",

  step "next-read" { every "3 weeks", email "worth-reading" { offer = "next", start = "checklist" }, otherwise = "all-read" },
  step "all-read"  { enroll "newsletter" },
}
