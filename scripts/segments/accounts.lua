-- Companies by what their people do: one lead's view of its colleagues, itself among them.
segment "engaged"       { title = "Engaged", who = score { nurture = at_least(40) } }
segment "awake-account" { title = "Two roles of the account engaged", who = people { segment "engaged", at_least = 2, different = "role" } }
segment "hot-account"   { title = "Of a company that is hot", who = band "hot-company" }
