team "us" { "north", "nroth", by = "turn" }
team "none" { by = "turns" }
team "north" { "north", "north" }
route "territory" { otherwise = "owner", give "us" {}, give "north" { lead { country = "DE" } } }
route "desk" { give "owner" {}, give "soth" {} }
route "us" { otherwise = "north" }
person "day" { email = "day@example.com", hours = "Mon-Fry" }
campaign "drip" { enter = "by hand", leave = withdrew "email",
  step "a" { handoff "teritory", leave "x" },
  step "b" { alert "alarm" { to = "teams" } },
}
--> 10: campaign "drip", step "b": there is no person "teams".
--> 1: team "us": by = "turn": it is "turns" or "fewest open".
--> 1: team "us": there is no person "nroth". Did you mean "north"?
--> 2: team "none": a team has members: team "us" { "west", "south", by = "turns" }.
--> 3: team "north": "north" is named twice.
--> 3: team "north": "north" is somebody else already: a team needs a name of its own.
--> 3: team "north": by = is missing: it is "turns" or "fewest open".
--> 4: route "territory": otherwise = "owner": not every account has an owner. Name a person or a team.
--> 4: route "territory": this line is never asked: the one above it has no condition, so it always fits.
--> 5: route "desk": otherwise = is missing: who gets the leads that no line fits?
--> 5: route "desk": there is no person "soth".
--> 6: route "us": "us" is somebody else already: a route needs a name of its own.
--> 7: person "day": "Mon-Fry" are no open hours. Write them like "Mon-Fri", "Mon,Wed" or "Mon-Fri 10:00-13:00 14:00-20:00; Sat 9:00-12:00".
--> 9: campaign "drip", step "a": there is no route "teritory". Did you mean "territory"?
