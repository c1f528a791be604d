-- Colleagues count by role: what one of them does is seen by the others, through their company.
test "two engaged people with different roles wake their account" {
  lead { role = "champion" }, event "demo.request" {},
  expect { score = { nurture = 40 }, segment = "engaged" },
  colleague "eve" { role = "executive" }, expect { score = { company = 0 } },
  colleague "eve" { event "demo.request" {} },
  expect { segment = { "engaged", "awake-account" }, score = { company = 40 }, band = "warm-company" },
}
test "three active people are a reason more, and the reason ends with the third" {
  lead { role = "user" }, wait "15 days", event "page.view" { subject = "/" }, expect { segment = "active", score = { nurture = 0 } },
  colleague "ann" { role = "user" }, colleague "bob" { role = "user" },
  wait "15 days",
  colleague "ann" { event "page.view" { subject = "/" } }, expect { score = { nurture = 0, company = 10 } },
  colleague "bob" { event "page.view" { subject = "/" } }, expect { score = { nurture = 10, company = 15 } },
  wait "16 days", expect { score = { nurture = 0, company = 10 } },
  wait "20 days", expect { score = { nurture = 0, company = 0 } },
}
test "the size of the company and its people add up to a hot account" {
  lead { role = "executive" }, account { employees = 500 }, event "demo.request" {}, expect { score = { company = 50 }, band = "warm-company" },
  colleague { role = "purchaser" }, expect { score = { company = 60 }, band = "hot-company", segment = "hot-account" },
}
test "two of one role are one role, and nobody's role is none" {
  lead { role = "user" }, event "demo.request" {},
  colleague { role = "user", event "demo.request" {} }, colleague { event "demo.request" {} },
  expect { segment = "engaged" }, colleague "cy" { role = "researcher", event "demo.request" {} }, expect { segment = "awake-account" },
}
