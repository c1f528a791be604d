-- Campaigns that wait, go and come back, each with the stories that show it: tests/unit/turn_flow_test.c tells them.
playbook "flow" { title = "Flow", time_zone = "Europe/Berlin", language = "en", postal_address = "Flow, 1 Example Street" }
consent "email" { default = "opt-out", unknown = "opt-in", countries = { DE = "double-opt-in" } }
hours "office" { days = "Mon-Fri", from = "9:00", to = "17:00", zone = "Europe/Berlin" }
verb "webinar.sign_up" { label = "signed up", by = "lead" }
verb "meeting.ask" { label = "asked for a meeting", by = "lead" }
verb "case.open" { label = "opened a case", by = "lead" }
verb "club.join" { label = "joined", by = "lead" }
verb "case.plan" { label = "asked to come", by = "lead" }
verb "case.late" { label = "came late", by = "lead" }
field "meeting_day" { label = "Agreed meeting", type = "date" }
field "renewal_day" { of = "account", label = "Renewal", type = "date" }
asset "live" { kind = "webinar", title = "Live", url = "https://example.com/live", at = "2027-02-18 15:00 Europe/Berlin" }
asset "spring" { kind = "webinar", title = "The morning after the clocks went forward", url = "https://example.com/s", at = "2027-03-28 12:00 Europe/Berlin" }
asset "autumn" { kind = "webinar", title = "The night in which an hour comes twice", url = "https://example.com/a", at = "2027-10-31 02:30 Europe/Berlin" }
