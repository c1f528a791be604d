-- Where the law wants a yes confirmed, the page of a form says that a mail asks for it: this is that mail, for every form that has a box for e-mail. Whoever
-- lost it fills in the form again and gets it again, but never two within a day: anybody can type in the address of a stranger. The same for who has left
-- and ticks the box again (asked "email"): only the link in that mail takes the withdrawal back. Without a tick the mail is held ("nothing to confirm").
campaign "second-yes" { title = "The second yes", priority = "high",
  enter = on "form.submit" { subject = { "newsletter", "demo" } }, again = "always",
  leave = any { all { allowed "email", none { asked "email" } }, all { withdrew "email", none { asked "email" } } },

  step "today"    { when = none { on "email.send" { subject = "please-confirm", within = "1 day" } },
                    email "please-confirm" { purpose = "confirm", hours = "any" }, leave "asked", otherwise = "tomorrow" },
  step "tomorrow" { wait "1 day", email "please-confirm" { purpose = "confirm", hours = "any" } },
}
