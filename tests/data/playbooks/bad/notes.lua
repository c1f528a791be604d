campaign "drip" { enter = "by hand",
  step "to-sales" { handoff "north" },
  step "e-seminar" { wait "1 day", email "newsletter" },
}
--> 1: campaign "drip": note: leave has no withdrew "email". The gate stops the mail, but the leads stay in the campaign.
--> 2: campaign "drip": note: leads handed over at "to-sales" stay in this campaign and go on to "e-seminar". If not meant, add leave "with sales".
