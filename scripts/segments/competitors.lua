-- Nobody here is ever written to or called.
segment "competitors" { title = "Competitors", who = lead { competitor = true }, contact = "never" }
