form "no-email" { ask = { "company" } }
form "who" { ask = { "emial", "industry", "external_id", question "compny" { ask = "Where?" } } }
form "twice" { ask = { "email", "company", question "employer" { sets = "company" } }, needed = { "phone" } }
form "boxes" { ask = "email", consent = { email = "", emial = "Yes", track_open = "Yes, count" } }
form "gift" { ask = { "email", segment "active" }, gives = "security-giude" }
form "letters" { ask = { "email", question "timing" { longest = 20 }, question "title" { longest = 0, next = "x" } }, thank = "You" }
asset "lost" { kind = "white-paper", file = "guid.pdf" }
question "timing" { ask = "When?" }
campaign "after" { enter = on "form.submit" { subject = "demo" }, leave = withdrew "email", step "a" { email "welcome" } }
form "long" { ask = { "email", question "job" { sets = "title", longest = 20000 } }, ask_at_most = 0, consent = { email = "Yes" } }
--> 10: form "long": ask_at_most = 0 is no whole number from 1 to 40.
--> 10: form "long": longest = 20000 is no whole number from 1 to 10000.
--> 1: form "no-email": a form asks for email, or nobody knows whose answers these are: ask = { "email", … }.
--> 2: form "who": "industry" is a field of companies. A form asks people about themselves: name fields of leads.
--> 2: form "who": external_id says who a lead is elsewhere. A form cannot ask for it.
--> 2: form "who": there is no field "compny". Did you mean "company"? Lead fields are declared in fields.lua.
--> 2: form "who": there is no field "emial". Did you mean "email"? Lead fields are declared in fields.lua.
--> 3: form "twice": company is asked twice.
--> 3: form "twice": phone is needed and not asked. Add it to ask = { … }.
--> 4: form "boxes": email = must be the words beside the box, at most 2000 letters, like "Yes, write to me about security." They are kept as evidence.
--> 4: form "boxes": there is no channel "emial". Did you mean "email"? The channels are email, call, letter; beside them stand track_open, track_click.
--> 5: form "gift": ask lists names of fields and questions; segment "active" is neither.
--> 5: form "gift": there is no asset "security-giude". Did you mean "security-guide"?
--> 6: form "letters": there is no "thank" here. Did you mean "thanks"?
--> 7: asset "lost": there is no file library/guid.pdf in the playbook. Did you mean "guide.pdf"?
--> 8: question "timing" is used nowhere. It stands outside its form's braces: was a } closed too early?
--> 9: campaign "after": there is no form "demo".
