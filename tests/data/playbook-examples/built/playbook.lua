-- playbook.lua: (14) frequency cap, quiet hours, consent by country
playbook "acme" { title = "Acme Security", time_zone = "Europe/Berlin", language = "en", postal_address = "Acme Security, 1 Example Street, 10115 Berlin", holidays = { "01-01", "12-25", "12-26" } }
hours "office" { days = "Mon-Fri", from = "9:00", to = "17:30", zone = "Europe/Berlin" }    -- ours: what "business" counts
hours "email"  { days = "Mon-Fri", from = "8:00", to = "18:00" }                            -- no zone: the lead's own
hours "call"   { days = "Mon-Sat", from = "8:00", to = "21:00",
                 countries = { DE = "Mon-Fri 9:00-20:00", FR = "Mon-Fri 10:00-13:00 14:00-20:00" } }
cap "email" { at_most = 2, within = "7 days", except = { "service", "confirm" } }
cap "call"  { at_most = 1, within = "2 days" }
cap "*"     { at_most = 12, within = "90 days", except = { "service", "confirm" } }         -- all channels together
consent "email"  { purpose = "marketing", default = "opt-out", unknown = "opt-in",
                   countries = { DE = "double-opt-in", AT = "opt-in", IT = "opt-in", CA = "opt-in" } }
consent "call"   { purpose = "marketing", default = "opt-out", unknown = "opt-in", countries = { DE = "opt-in" } }
consent "letter" { purpose = "marketing", default = "opt-out", unknown = "opt-out" }
