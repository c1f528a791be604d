segment "a" { who = function(lead) return go "b" end }
--> 1: segment "a": go "b" stands in a function that is no step's: only a step can go somewhere.
