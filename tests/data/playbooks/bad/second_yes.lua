form "fair" { ask = "email", consent = { email = "Yes, write to me." } }
form "book" { ask = "email", consent = { email = "Yes, write to me." } }
form "voice" { ask = "email", consent = { call = "Yes, call me." } }
form "plain" { ask = "email" }
campaign "second" { enter = any { on "form.submit" { subject = "bo*" }, on "form.submit" { subject = "plain" } },
  step "ask" { email "newsletter" { purpose = "confirm", hours = "any" } } }
--> 1: note: form "fair": no campaign has a mail for whose yes needs a second one, so it never counts. Name the form in enter = on "form.submit" { subject = … } of a campaign with email "…" { purpose = "confirm" }.
