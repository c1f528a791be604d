campaign "drip" { enter = "by hand",
  step "welcome" { email "welcome" }
  step "benefits" { email "newsletter" },
  step "third" { wait "2 days" email "newsletter" },
}
--> 2: campaign "drip": a comma is missing at the end of line 2, before step "benefits".
--> 4: campaign "drip", step "third": a comma is missing in line 4, before email "newsletter".
