-- routing.lua: the first line that fits wins
person "north" { name = "Sales North", email = "north@example.com", phone = "+1 202 555 0101" }
person "west" { name = "Sales West",  email = "west@example.com" }
person "south"  { name = "Sales South",   email = "south@example.com" }
team "us"         { "west", "south", by = "turns" }
team "sales-desk" { "north", "west", by = "fewest open" }
route "territory" { title = "Whose lead is it?", within = "4 business hours", otherwise = "sales-desk",
  give "owner" { account { owner = known } },
  give "north"  { lead { country = { "DE", "AT", "CH" } } },
  give "us"    { lead { country = "US" }, account { employees = at_least(200) } },
}
