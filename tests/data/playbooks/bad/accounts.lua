model "m01" { of = "shop", rule "a" { points = 1 } }
model "m02" { of = "account", rule "a" { lead { role = "user" }, points = 1 } }
model "m03" { of = "account", rule "a" { on "asset.download", points = 1 } }
model "m04" { of = "account", rule "a" { segment "active", points = 1 } }
model "m05" { of = "account", rule "a" { none "*" { within = "9 days" }, points = 1 } }
model "m06" { of = "account", rule "a" { score { m02 = at_least(1) }, points = 1 } }
model "m07" { of = "account", rule "a" { function(lead) return true end, points = 1 } }
model "m08" { of = "account", rule "a" { points = function(lead) return 1 end } }
model "m09" { of = "account", rule "a" { people { role = "user" }, points = 1, each = "person" } }
model "m10" { of = "account", rule "a" { people { role = "user" }, points = 1, each = "time", max = 3 } }
model "m11" { of = "account", rule "a" { account { employees = 3 }, points = 1, each = "person", max = 3 } }
model "m12" { of = "account", rule "a" { people { role = "user" }, people { role = "champion" }, points = 1, each = "person", max = 3 } }
model "m13" { of = "account", rule "a" { people { segment "active", same = "role" }, points = 1 } }
model "m14" { of = "account", rule "a" { people { role = "user" }, points = 1, fades = "by half every 3 days" } }
model "m15" { rule "a" { people { role = "user" }, points = 1, each = "person", max = 3 } }
model "m16" { of = "account", rule "a" { points = choose "timing" { otherwise = 1 } } }
model "m17" { of = "account", rule "a" { people { role = "user" }, points = 1 } }
grades "g1" { axes = { m17 = { A = 1, B = 0 }, nature = { 1, 0 } } }
grades "g2" { model = "m17", band "b1" { from = 1, stage = "qualified" }, band "b2" { from = 0 } }
grades "g3" { model = "m17", A = 1, B = 0, band "b3" { grades = { "A" } } }
model "m18" { of = "account", rule "a" { band "b2", points = 1 } }
--> 1: model "m01": a model is of = "lead" or of = "account"; "shop" is neither.
--> 2: model "m02", rule "a": lead { … } is asked of a lead, and this model is of companies: it asks people { … } and account { … }. Write people { role = … }.
--> 3: model "m03", rule "a": on "asset.download" is asked of a lead, and this model is of companies: it asks people { … } and account { … }. Write people { on "asset.download" }.
--> 4: model "m04", rule "a": segment "active" is asked of a lead, and this model is of companies: it asks people { … } and account { … }. Write people { segment "active" }.
--> 5: model "m05", rule "a": none "*" is asked of a lead, and this model is of companies: it asks people { … } and account { … }. Write people { none "*" }.
--> 6: model "m06", rule "a": score { … } is asked of a lead, and this model is of companies: it asks people { … } and account { … }. Write people { score { … } }.
--> 7: model "m07", rule "a": a function is asked about a lead, and this model is of companies. Put it into people { … }.
--> 8: model "m08", rule "a": points by a function are those of a lead, and this model is of companies. Write a number, or choose "field" { … }.
--> 9: model "m09", rule "a": each = "person" needs max =, or one big company gets endless points.
--> 10: model "m10", rule "a": each = "time" counts events of a lead, and this model is of companies. Write each = "person".
--> 11: model "m11", rule "a": each = "person" counts the people of one people { … }, and this rule has none.
--> 12: model "m12", rule "a": each = "person" counts the people of one people { … }, and this rule has several.
--> 13: model "m13", rule "a": same = "role" means the role of the lead that asks, and here a company asks. Write role = "executive".
--> 14: model "m14", rule "a": points fade from the event of one on "…", and this rule has none.
--> 15: model "m15", rule "a": each = "person" counts people of a company: it belongs to a model with of = "account".
--> 16: model "m16", rule "a": timing is a field of the lead. Write lead { timing = … }.
--> 18: grades "g1": axis m17 is a model of companies: grades of companies come from one model. Write model = "m17".
--> 19: grades "g2", band "b1": stage is of leads, and this band is of companies. Set it in a campaign with enter = band "b1".
--> 20: grades "g3", band "b3": bands of companies go by from = (a score).
--> 21: model "m18", rule "a": band "b2" is asked of a lead, and this model is of companies: it asks people { … } and account { … }. Write people { band "b2" }.
