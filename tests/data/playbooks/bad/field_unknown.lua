segment "a" { who = lead { timming = "now" } }
segment "b" { who = lead { employees = 3 } }
segment "c" { who = function(lead) return lead.timming == "now" end }
segment "d" { who = function(lead) return lead.account.emploees == 3 end }
--> 1: segment "a": there is no field "timming". Did you mean "timing"? Lead fields are declared in fields.lua.
--> 2: segment "b": employees is a field of the account. Write account { employees = … }.
--> 3: segment "c": there is no field "timming". Did you mean "timing"? Lead fields are declared in fields.lua.
--> 4: segment "d": there is no field "emploees". Did you mean "employees"? Account fields are declared in fields.lua with of = "account".
