-- The playbook of the fault tests: what is asked for goes out at once, three mails a walk, and every visit counts one point.
playbook "faults" { title = "Faults", time_zone = "UTC", language = "en", postal_address = "Acme, 1 Example Street, 10115 Berlin, Germany" }

consent "email" { purpose = "marketing", default = "opt-out", unknown = "opt-out" }

model "visits" { title = "How often they came", from = 0, to = 100000,
  rule "came by" { on "page.view", points = 1, each = "time", max = 100000 },
}

campaign "burst" { title = "Three at once", enter = on "form.submit" { subject = "burst" }, leave = withdrew "email",
  step "first"  { email "hello" { hours = "any" } },
  step "second" { email "hello" { hours = "any" } },
  step "third"  { email "hello" { hours = "any" } },
  step "later"  { wait "1 year", email "hello" { hours = "any" } },
}

campaign "single" { title = "One, and then nothing for long", enter = on "form.submit" { subject = "single" }, leave = withdrew "email",
  step "only"  { email "hello" { hours = "any" } },
  step "later" { wait "1 year", email "hello" { hours = "any" } },
}
