test "cheap money, an earlier contact and a mobile telephone make an A" {
  lead { euribor = 0.9, employed = 5017, employment_change = -1.1, days_since = 6, contact_type = "cellular", contacts = 1 },
  expect { score = { likely = 78 }, grade = "A", band = "call-first" },
}

test "dear money and many calls make a D" {
  lead { euribor = 4.9, employed = 5191, employment_change = 1.1, days_since = 999, contact_type = "telephone", last_month = "may", contacts = 9 },
  expect { score = { likely = 0 }, grade = "D", band = "rest" },
}
