-- Who they are gives the letter, what they do the digit.
test "the best there is: they fit in all, and asked for a demonstration after reading" {
  lead { email = "lead-21@example.com", country = "US", role = "executive", phone = "+1 202 555 0121" },
  account { industry = "finance", employees = 500 },
  expect { score = { nature = 100, nurture = 0 }, grade = "A4", band = "cold" },
  event "demo.request" {}, expect { score = { nurture = 40 }, grade = "A3", band = "warm" },
  event "asset.download" { subject = "bank-case" }, event "asset.download" { subject = "security-guide" }, expect { score = { nurture = 65 }, grade = "A2", band = "ready", stage = "qualified" },
  event "webinar.attend" { value = 45 }, expect { score = { nurture = 85 }, grade = "A1", band = "ready" },
}

test "somebody who reads all and fits in nothing gets a D, however busy" {
  lead { email = "lead-22@example.com", country = "US" }, account { industry = "other", employees = 10 },
  event "demo.request" {}, event "asset.download" { subject = "bank-case" }, event "asset.download" { subject = "security-guide" }, event "webinar.attend" { value = 45 },
  expect { score = { nature = 0, nurture = 85 }, grade = "D1", band = "cold" },
}

test "one asset counts once, and what was read fades by half in thirty days" {
  lead { email = "lead-23@example.com", country = "US" },
  event "asset.download" { subject = "security-guide" }, event "asset.download" { subject = "security-guide" }, expect { score = { nurture = 10 } },
  wait "30 days", expect { score = { nurture = 5 } },
  wait "30 days", expect { score = { nurture = 3 } },
}

test "prices are looked at twice within a week, or it says nothing" {
  lead { email = "lead-24@example.com", country = "US" },
  event "page.view" { subject = "/pricing" }, expect { score = { nurture = 0 } },
  wait "8 days", event "page.view" { subject = "/pricing/teams" }, expect { score = { nurture = 0 } },
  wait "1 day", event "page.view" { subject = "/pricing" }, expect { score = { nurture = 20 } },
  wait "7 days", expect { score = { nurture = 0 } },
}

test "ninety quiet days take twenty points, and one act gives them back" {
  lead { email = "lead-25@example.com", country = "US" },
  event "demo.request" {}, expect { score = { nurture = 40 } },
  wait "31 days", expect { score = { nurture = 0 } },
  event "asset.download" { subject = "bank-case" }, expect { score = { nurture = 15 } },
  wait "91 days", expect { score = { nurture = 0 }, segment = "lapsed" },
  event "asset.download" { subject = "security-guide" }, expect { segment = "active" },
}
