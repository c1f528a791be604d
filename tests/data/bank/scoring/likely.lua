-- Ten rules by hand, over what is known before the call.
model "likely" { title = "Likely to subscribe", from = 0, to = 100,
  rule "money is cheap"            { lead { euribor = below(2) }, points = 25 },
  rule "few are employed"          { lead { employed = below(5100) }, points = 15 },
  rule "employment falls"          { lead { employment_change = below(0) }, points = 5 },
  rule "was asked before"          { lead { days_since = below(999) }, points = 20 },
  rule "has a mobile telephone"    { lead { contact_type = "cellular" }, points = 8 },
  rule "a good month"              { lead { last_month = { "mar", "sep", "oct", "dec" } }, points = 12 },
  rule "a bad month"               { lead { last_month = "may" }, points = -5 },
  rule "has time and savings"      { lead { job = { "student", "retired" } }, points = 5 },
  rule "no credit in default"      { lead { credit_default = false }, points = 5 },
  rule "not called too often"      { lead { contacts = at_most(2) }, points = 5 },
}

grades "likely" { model = "likely", A = 60, B = 40, C = 18, D = 0,
  band "call-first" { grades = { "A" } },
  band "call"       { grades = { "B" } },
  band "rest"       { grades = { "C", "D" } },
}
