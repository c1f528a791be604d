segment "p01" { who = people {} }
segment "p02" { who = people { segment "active", at_least = 0 } }
segment "p03" { who = people { segment "active", different = "shoe_size" } }
segment "p04" { who = people { segment "active", same = true } }
segment "p05" { who = people { people { role = "user" } } }
segment "p06" { who = people { account { employees = 3 } } }
segment "p07" { who = people { shoe_size = 9 } }
segment "p08" { who = people { role = "boss" } }
segment "p09" { who = people { segment "actvie" } }
segment "p10" { who = people { role = "user", at_least = 3, at_most = 2 } }
segment "p11" { who = people { different = "role", same = "role" } }
segment "p12" { who = people { segment "active", at_least = 7, different = "role" } }
segment "p13" { who = people { segment "active", at_least = 1.5 } }
segment "p14" { who = people { segment "active", at_least = "two" } }
segment "p15" { who = people { score { company = at_least(5) } } }
segment "p16" { who = people { band "hot" } }
segment "p17" { who = people { stage "custommer" } }
segment "p18" { who = people { email "welcome" } }
model "company" { of = "account", rule "users" { people { role = "user" }, points = 5, each = "person", max = 20 } }
grades "company" { model = "company", band "hot" { from = 10 }, band "cold" { from = 0 } }
--> 1: segment "p01": there is nothing in the braces of people { }.
--> 2: segment "p02": at_least = 0 is always true. Write at_least = 1; or at_most = 0 where there may be nobody.
--> 3: segment "p03": different = "shoe_size": people are told apart by their role alone. Write different = "role".
--> 4: segment "p04": same = true: people are told apart by their role alone. Write same = "role".
--> 5: segment "p05": people { … } cannot stand in people { … }: what stands inside is asked of each person. Write two of them side by side.
--> 6: segment "p06": account { … } cannot stand in people { … }: all of them have the same company. Write it beside people { … }.
--> 7: segment "p07": there is no field "shoe_size". Lead fields are declared in fields.lua.
--> 8: segment "p08": role has no choice "boss". Its choices are researcher, champion, influencer, executive, user, purchaser.
--> 9: segment "p09": there is no segment "actvie". Did you mean "active"?
--> 10: segment "p10": at_least = 3 and at_most = 2 can never both hold.
--> 11: segment "p11": different = "role" and same = "role" can never both hold.
--> 12: segment "p12": at_least = 7 with different = "role" can never hold: there are 6 roles.
--> 13: segment "p13": at_least = 1.5 is no number of people.
--> 14: segment "p14": at_least = "two" is no number of people.
--> 15: segment "p15": model "company" is of the company, and what stands in people { … } is asked of each person. Write it beside people { … }, not in it.
--> 16: segment "p16": band "hot" is of the company, and what stands in people { … } is asked of each person. Write it beside people { … }, not in it.
--> 17: segment "p17": there is no stage "custommer". Did you mean "customer"? The stages are inquiry, engaged, qualified, accepted, opportunity, customer, recycled, disqualified.
--> 18: segment "p18": email "welcome" does something and stands where a question is asked.
