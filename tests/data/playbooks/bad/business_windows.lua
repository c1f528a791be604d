cap "call" { at_most = 1, within = "2 business days" }
model "m" {
  rule "late" { on "asset.download" { within = "3 business days" }, points = 5 },
  rule "fades" { on "asset.download", points = 5, fades = "by half every 8 business hours" },
}
segment "s" { who = none "*" { within = "90 business minutes" } }
--> 1: cap "call": "2 business days" looks back from now, and this version counts business time only onwards. Write days: "7 days".
--> 3: model "m", rule "late": "3 business days" looks back from now, and this version counts business time only onwards. Write days: "7 days".
--> 4: model "m", rule "fades": "8 business hours" looks back from now, and this version counts business time only onwards. Write days: "7 days".
--> 6: segment "s": "90 business minutes" looks back from now, and this version counts business time only onwards. Write days: "7 days".
