-- (3) first-time, active, lapsed: every lead is in exactly one, or cooling
segment "first-time" { title = "New here", who = all { on "lead.create" { within = "14 days" }, none { on "asset.download" { at_least = 2 } } } }
segment "active"     { title = "Active",   who = all { none { segment "first-time" }, on "*" { within = "30 days" } } }
segment "lapsed"     { title = "Lapsed",   who = none "*" { within = "90 days" } }
segment "cooling"    { title = "Cooling",  who = none { segment "first-time", segment "active", segment "lapsed" } }
