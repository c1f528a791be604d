-- The contacts of telephone campaigns of a bank: see README.md beside this file.
playbook "bank" { title = "A bank's telephone campaigns", time_zone = "Europe/Lisbon", language = "en" }
