-- The rules that nurture fit learns from: what a telephone marketer would ask, with points as a first guess. Eighteen rules over what is
-- known before the call. nurture fit --model prospect writes this file anew with the points that the outcomes give.
model "prospect" { title = "Worth a call", from = 0, to = 100,

  -- the time: who is called when money is cheap says yes more often
  rule "money is cheap"                  { lead { euribor = below(2) }, points = 15 },
  rule "few are employed"                { lead { employed = below(5192) }, points = 5 },
  rule "employment falls"                { lead { employment_change = below(0) }, points = 5 },
  rule "employment falls fast"           { lead { employment_change = below(-1.75) }, points = 5 },
  rule "prices are low"                  { lead { price_index = below(93.3) }, points = 5 },
  rule "the month"                       { points = choose "last_month" { mar = 10, apr = 5, may = 0, jun = 3, jul = 3, aug = 3, sep = 10,
                                                                         oct = 10, nov = 2, dec = 10, otherwise = 3 } },
  rule "the weekday"                     { points = choose "last_weekday" { mon = 0, tue = 1, wed = 1, thu = 1, fri = 1, otherwise = 1 } },

  -- what went before
  rule "was asked before"                { lead { days_since = below(999) }, points = 15 },
  rule "was asked this week"             { lead { days_since = at_most(6) }, points = 5 },
  rule "had contacts before"             { lead { contacts_before = at_least(1) }, points = 0 },
  rule "called too often"                { lead { contacts = at_least(5) }, points = -5 },

  -- who it is
  rule "has a mobile telephone"          { lead { contact_type = "cellular" }, points = 5 },
  rule "no credit in default"            { lead { credit_default = false }, points = 3 },
  rule "under thirty"                    { lead { age = below(30) }, points = 2 },
  rule "sixty and over"                  { lead { age = at_least(60) }, points = 3 },
  rule "what they do"                    { points = choose "job" { student = 3, retired = 3, unemployed = 2, ["admin."] = 1, technician = 1,
                                                                  ["blue-collar"] = 0, otherwise = 1 } },
  rule "what they learned"               { points = choose "education" { ["university.degree"] = 2, illiterate = 2, otherwise = 1 } },
  rule "how they live"                   { points = choose "marital" { single = 1, otherwise = 0 } },
}
