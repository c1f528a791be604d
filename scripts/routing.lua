-- Whose lead is it? The first line that fits wins. The owner of a company we know is one of these people, by name.
person "sales-north" { name = "Sales North", email = "north@example.com", phone = "+1 202 555 0101" }
person "sales-south" { name = "Sales South", email = "south@example.com" }
person "sales-west"  { name = "Sales West",  email = "west@example.com" }
team "america"    { "sales-west", "sales-south", by = "turns" }
team "sales-desk" { "sales-north", "sales-south", "sales-west", by = "fewest open" }

route "territory" { title = "Whose lead is it?", within = "4 business hours", otherwise = "sales-desk",
  give "owner"       { account { owner = known } },
  give "sales-north" { lead { country = { "DE", "AT", "CH" } } },
  give "america"     { lead { country = { "US", "CA" } }, account { employees = at_least(200) } },
}
