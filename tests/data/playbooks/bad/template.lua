campaign "drip" { enter = "by hand", leave = withdrew "email",
  step "a" { email "key-benefits" },
  step "b" { alert "alrm" { to = "nroth" } },
  step "c" { handoff "territory", leave "sales" },
}
--> 2: campaign "drip", step "a": there is no template templates/email/key-benefits.md. Write it, or name one of: alarm, key-benefit, newsletter, perhaps, welcome, worth.
--> 3: campaign "drip", step "b": there is no person "nroth". Did you mean "north"?
--> 3: campaign "drip", step "b": there is no template templates/email/alrm.md. Write it, or name one of: alarm, key-benefit, newsletter, perhaps, welcome, worth.
--> 4: campaign "drip", step "c": there is no person "territory".
