-- Campaigns that wait, go and come back, each with the stories that show it: tests/unit/turn_flow_test.c tells them.
playbook "flow" { title = "Flow", time_zone = "Europe/Berlin", language = "en", postal_address = "Flow, 1 Example Street" }
consent "email" { default = "opt-out", unknown = "opt-in", countries = { DE = "double-opt-in" } }
hours "office" { days = "Mon-Fri", from = "9:00", to = "17:00", zone = "Europe/Berlin" }
verb "webinar.sign_up" { label = "signed up", by = "lead" }
verb "meeting.ask" { label = "asked for a meeting", by = "lead" }
verb "case.open" { label = "opened a case", by = "lead" }
verb "club.join" { label = "joined", by = "lead" }
