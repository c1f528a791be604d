test "the first line of the route that fits" {
  lead { email = "a@example.com", country = "DE" }, account { employees = 500 },
  event "ask.handoff" { subject = "all" }, expect { handoff = "north", left = "nothing" },
  answer "accepted", expect { left = "hand", email = "nothing", stage = "accepted" },
}
test "the owner of the account goes first, when it is one of us" {
  lead { email = "b@example.com", country = "DE" }, account { owner = "south" },
  event "ask.handoff" { subject = "all" }, expect { handoff = "south" },
  event "ask.handoff" { subject = "quick" }, expect { handoff = "south", left = "quick" },
}
test "an owner whom nobody knows is no owner" {
  lead { email = "c@example.com", country = "DE" }, account { owner = "somebody" },
  event "ask.handoff" { subject = "all" }, expect { handoff = "north" },
  event "ask.handoff" { subject = "quick" }, expect { handoff = "west" },
}
-- On Monday at ten south is not at work: north and west take turns; whom the lead itself was given last counts.
test "a team takes turns, those who are at work" {
  lead { email = "d@example.com", country = "US" }, account { employees = 500 },
  event "ask.handoff" { subject = "all" }, expect { handoff = "north" }, answer "returned", expect { email = "warm" },
  event "ask.handoff" { subject = "all" }, expect { handoff = "west" }, answer "returned",
  day(2), event "ask.handoff" { subject = "all" }, expect { handoff = "south" }, answer "returned",
  event "ask.handoff" { subject = "all" }, expect { handoff = "north" },
}
test "who has fewest in hand" {
  lead { email = "e@example.com", country = "FR" },
  event "ask.handoff" { subject = "direct" }, expect { handoff = "north" },
  event "ask.handoff" { subject = "all" }, expect { handoff = "west" },
}
test "given back, by the reason" {
  lead { email = "f@example.com", country = "AT" },
  event "ask.handoff" { subject = "all" }, lead { return_reason = "bad_timing" }, answer "returned", expect { email = "timing" },
  event "ask.handoff" { subject = "all" }, lead { return_reason = "competitor" }, answer "returned", expect { email = "warm" },
}
test "sales that say nothing within four business hours are late" {
  lead { email = "g@example.com", country = "AT" },
  event "ask.handoff" { subject = "all" }, expect { handoff = "north" },
  wait "3 business hours", expect { email = "nothing" },
  wait "1 business hour", expect { email = "late", left = "hand" },
}
test "the end of a handoff is named, or goes the way of otherwise" {
  lead { email = "h@example.com" },
  event "ask.handoff" { subject = "direct" }, expect { handoff = "north" }, answer "accepted", expect { email = "welcome" },
  event "ask.handoff" { subject = "direct" }, wait "2 business hours", expect { email = "warm" },
}
test "by a field, and held where nothing is said about it" {
  lead { email = "i@example.com", return_reason = "no_budget" },
  event "ask.handoff" { subject = "why" }, expect { email = "budget" },
  lead { return_reason = "competitor" }, event "ask.handoff" { subject = "why" }, expect { left = "why", email = "nothing" },
}
test "one word of sales ends one handoff" {
  lead { email = "k@example.com", country = "AT" },
  event "ask.handoff" { subject = "twice" }, answer "returned", expect { handoff = "north", email = "nothing" },
  answer "returned", expect { email = "warm" },
}
test "who is held by an empty field goes on when it is filled" {
  lead { email = "l@example.com" },
  event "ask.handoff" { subject = "why" }, wait "1 day", expect { email = "nothing", left = "nothing" },
  lead { country = "AT" }, expect { email = "nothing" },
  lead { return_reason = "bad_timing" }, expect { email = "timing", left = "why" },
}
test "and who is held at the end of a handoff" {
  lead { email = "m@example.com" },
  event "ask.handoff" { subject = "asked" }, expect { handoff = "north" }, answer "returned", expect { email = "nothing", left = "nothing" },
  wait "1 day", lead { return_reason = "no_budget" }, expect { email = "budget", left = "asked" },
}
