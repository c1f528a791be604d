campaign "a" { enter = before("1 day", "meeting_dai"), leave = withdrew "email",
  step "one"   { before("1 day", "security-guide"), email "welcome" },
  step "two"   { before("1 dai", "meeting_day"), email "welcome" },
  step "three" { after("1 day", "timing"), email "welcome", otherwise = "four" },
  step "four"  { after("1 day", "meeting_day"), late = "never", email "welcome" },
  step "five"  { after("1 day", "nothing-of-ours"), email "welcome" },
}
segment "soon" { who = people { before("1 day", "renewal") } }
field "renewal" { of = "account", type = "date" }
field "launch" { type = "date" }
asset "launch" { title = "Launch", url = "https://example.com/", at = "2027-02-30 10:00" }
segment "both" { who = after("1 day", "launch") }
--> 1: campaign "a": there is no asset and no date field "meeting_dai". Did you mean "meeting_day"?
--> 2: campaign "a", step "one": asset "security-guide" does not say when it is: at = "2027-03-18 15:00 Europe/Berlin".
--> 3: campaign "a", step "two": "1 dai" is not a length of time. Write a number and minutes, hours, days, weeks, months, years or business days, like "2 business days".
--> 4: campaign "a", step "three": field "timing" is no date, and after counts from one: field "timing" { type = "date" }.
--> 5: campaign "a", step "four": late = "never": what is overdue is done "now", is left out ("skip") or is done within a day ("spread").
--> 6: campaign "a", step "five": there is no asset and no date field "nothing-of-ours".
--> 8: segment "soon": renewal is of the company, and what stands in people { … } is asked of each person. Write it beside people { … }, not in it.
--> 11: asset "launch": 30 February 2027 does not exist.
--> 12: segment "both": "launch" is two things: an asset and a field of leads. Give one of them another name.
