segment "a" { who = lead.timing == "now" }
--> 1: segment "a": lead.timing is looked up when the file is read, not for each lead. Write lead { timing = "now" }, or function(lead) return … end.
