segment "a" { who = on "asset.download" { subject = "security-giude" } }
segment "b" { who = segment "actve" }
segment "c" { who = score { nurtur = 3 } }
segment "d" { who = band "redy" }
segment "e" { who = on "asset.download" { kind = "white-papr" } }
segment "f" { who = withdrew "emial" }
segment "g" { who = stage "custmer" }
segment "h" { who = function(lead) return lead.score.natur end }
--> 1: segment "a": there is no asset "security-giude". Did you mean "security-guide"?
--> 2: segment "b": there is no segment "actve". Did you mean "active"?
--> 3: segment "c": there is no model "nurtur". Did you mean "nurture"?
--> 4: segment "d": there is no band "redy". Did you mean "ready"?
--> 5: segment "e": no asset has kind = "white-papr". Did you mean "white-paper"?
--> 6: segment "f": there is no channel "emial". Did you mean "email"? The channels are email, call, letter.
--> 7: segment "g": there is no stage "custmer". Did you mean "customer"? The stages are inquiry, engaged, qualified, accepted, opportunity, customer, recycled, disqualified.
--> 8: segment "h": there is no model "natur". Did you mean "nature"?
