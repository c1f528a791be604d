campaign "a" { enter = any { on "demo.request", on "campaign.leave" { campaign = "c" } }, again = "always", step "x" { set { timing = "now" } } }
campaign "b" { enter = on "campaign.leave" { subject = "a" }, again = "always", step "x" { set { timing = "now" } } }
campaign "c" { enter = "by hand", step "x" { set { timing = "now" } } }
campaign "d" { enter = on "campaign.leave" { campaign = "b" }, again = "always", step "x" { enroll "c" } }
-- none of these goes round: it waits, lets in once, asks for more, or is asked about one that waits
campaign "waits" { enter = on "campaign.leave" { campaign = "asks" }, again = "always", step "x" { wait "1 day", set { timing = "now" } } }
campaign "asks"  { enter = on "campaign.leave" { campaign = "waits" }, again = "always", step "x" { set { timing = "now" } } }
campaign "once"  { enter = on "campaign.leave" { campaign = "more" }, step "x" { set { timing = "now" } } }
campaign "more"  { enter = on "campaign.leave" { campaign = "once" }, again = "always", step "x" { set { timing = "now" } } }
campaign "if-1"  { enter = all { on "campaign.leave" { campaign = "if-2" }, lead { timing = "now" } }, again = "always", step "x" { set { timing = "now" } } }
campaign "if-2"  { enter = on "campaign.leave" { campaign = "if-1" }, again = "always", step "x" { set { timing = "now" } } }
--> 1: leads go round without a pause, from campaign to campaign: "a" (segments/circle_of_ends.lua:1) → "b" (segments/circle_of_ends.lua:2) → "d" (segments/circle_of_ends.lua:4) → "c" (segments/circle_of_ends.lua:3) → "a". Put a wait into one of them, or give one again = "after 1 day".
