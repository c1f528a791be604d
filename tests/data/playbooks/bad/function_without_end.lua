segment "a" { who = function(lead) return lead.visits }
--> 1: the function on line 1 has no end. Write function(lead) … end.
