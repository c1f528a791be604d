segment "s" { who = lead { visits > 5 } }
segment "t" { who = lead { visits <= 5, timing == "now" } }
segment "u" { who = function(lead) return lead.visits and lead.visits > 5 end }
--> 1: segment "s": visits > 5 is compared when the file is read, not for each lead. Write visits = above(5).
--> 2: segment "t": timing == "now" is compared when the file is read, not for each lead. Write timing = "now".
--> 2: segment "t": visits <= 5 is compared when the file is read, not for each lead. Write visits = at_most(5).
