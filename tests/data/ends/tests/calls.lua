test "a call that reached somebody ends with the first result that fits" {
  lead { email = "a@example.com", phone = "+1 202 555 0101" },
  event "ask.call" { subject = "all" }, expect { call = "timeframe", email = "nothing" },
  answer { timing = "now", budget = "exists" }, expect { email = "now", left = "ask", score = { interest = 20 } },
  event "ask.call" { subject = "all" }, answer { timing = "now", budget = "building" }, expect { email = "soon", call = "timeframe" },
  event "ask.call" { subject = "all" }, answer { timing = "later" }, expect { email = "later" },
  event "ask.call" { subject = "all" }, answer "soon" {}, expect { email = "soon" },
}
test "who was not there, a wrong number and a call that came too late" {
  lead { email = "b@example.com", phone = "+1 202 555 0102" },
  event "ask.call" { subject = "all" }, answer "no_answer", expect { email = "nobody" },
  event "ask.call" { subject = "all" }, answer "nobody", expect { email = "nobody" },
  event "ask.call" { subject = "all" }, answer "wrong_number", expect { email = "wrong" },
  event "ask.call" { subject = "all" }, expect { call = "timeframe" },
  day(2), expect { email = "nothing", call = "nothing" },
  day(3), expect { email = "late", left = "ask" },
  day(9), expect { email = "nothing", call = "nothing" },
}
test "a call that can never be made is held, and otherwise says where" {
  lead { email = "c@example.com" },
  event "ask.call" { subject = "all" }, expect { held = "no telephone number", email = "other" },
}
test "who refuses leaves, and who says never is called by no campaign any more" {
  lead { email = "d@example.com", phone = "+1 202 555 0104" },
  event "ask.call" { subject = "all" }, answer "refused", expect { left = "ask", email = "nothing" },
  event "ask.call" { subject = "plain" }, expect { call = "plain" }, answer "do_not_call", expect { left = "plain", email = "nothing" },
  event "ask.call" { subject = "plain" }, expect { call = "nothing", held = "suppressed: Never call again", email = "other" },
}
test "what answers say nothing about" {
  lead { email = "e@example.com", phone = "+1 202 555 0105" },
  event "ask.call" { subject = "unsaid" }, answer { timing = "later" }, expect { email = "below" },
  event "ask.call" { subject = "unsaid" }, answer "no_answer", expect { email = "other" },
  event "ask.call" { subject = "unsaid" }, answer "wrong_number", expect { email = "other" },
  event "ask.call" { subject = "unsaid" }, answer "refused", expect { email = "nothing", left = "unsaid" },
}
test "a script without results, and answers by reached" {
  lead { email = "f@example.com", phone = "+1 202 555 0106" },
  event "ask.call" { subject = "plain" }, answer {}, expect { email = "now" },
  event "ask.call" { subject = "plain" }, answer { timing = "now" }, expect { email = "now" },
  event "ask.call" { subject = "plain" }, answer "wrong_number", expect { email = "other" },
}
-- The story begins on a Monday at ten: the next try is on Tuesday afternoon, the third on Wednesday morning.
test "again, at another time of day, and then no more" {
  lead { email = "g@example.com", phone = "+1 202 555 0107" },
  event "ask.call" { subject = "again" }, answer "no_answer", expect { call = "timeframe" },
  day(2), wait "4 hours", expect { call = "nothing" },
  wait "1 hour", expect { call = "timeframe" }, answer "nobody",
  wait "17 hours", expect { call = "nothing" },
  wait "3 hours", expect { call = "timeframe", email = "nothing" }, answer "no_answer", expect { email = "spent" },
  wait "7 days", expect { call = "nothing", email = "nothing" },
}
test "a disposition has a plan of its own where the step says nothing of nobody" {
  lead { email = "h@example.com", phone = "+1 202 555 0108" },
  event "ask.call" { subject = "plain" }, answer "busy", expect { call = "plain", email = "nothing" },
  wait "1 hour", expect { call = "plain" }, answer "busy", expect { email = "other" },
  wait "7 days", expect { call = "nothing" },
}
