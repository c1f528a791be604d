campaign "drip" { enter = "by hand", leave = withdrew "email",
  step "a" { email "welcome" { offer = "next", start = "security-giude" }, otherwise = "b" },
  step "b" { email "welcome" { offer = "next", start = "security-guide" } },
  step "c" { email "welcome" { offer = "last", start = "security-guide" }, otherwise = "a" },
  step "d" { email "welcome" { offer = "next" }, otherwise = "a" },
  step "e" { email "welcome" { start = "bank-case" } },
  step "f" { email "worth" },
  step "g" { email "worth" { offer = "next", start = "bank-case" }, otherwise = "h" },
  step "h" { email "perhaps" },
}
--> 2: campaign "drip", step "a": there is no asset "security-giude". Did you mean "security-guide"?
--> 3: campaign "drip", step "b": note: an asset is offered, and templates/email/welcome.md prints nothing of it: the lead counts as having had what it never saw. Print {{ offer.title }} and {{ offer.link }}.
--> 3: campaign "drip", step "b": the offer can run out and nothing is said about it. Add otherwise = "step".
--> 4: campaign "drip", step "c": note: an asset is offered, and templates/email/welcome.md prints nothing of it: the lead counts as having had what it never saw. Print {{ offer.title }} and {{ offer.link }}.
--> 4: campaign "drip", step "c": offer = "last": it is "next", the next asset of the link map. One that is always the same stands in the template.
--> 5: campaign "drip", step "d": start = is missing: the asset that the link map begins with. offer = "next", start = "security-guide".
--> 6: campaign "drip", step "e": note: an asset is offered, and templates/email/welcome.md prints nothing of it: the lead counts as having had what it never saw. Print {{ offer.title }} and {{ offer.link }}.
--> 6: campaign "drip", step "e": start = belongs to offer = "next".
--> 6: campaign "drip", step "e": the offer can run out and nothing is said about it. Add otherwise = "step".
--> 7: campaign "drip", step "f": templates/email/worth.md prints offer.…, and this step offers nothing. Add offer = "next", start = "asset".
