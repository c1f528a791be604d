-- The library, and the link map in `next`: what to offer after what, from general to special.
asset "security-guide" { kind = "white-paper", topic = "security", buying_stage = "learn", title = "The security guide",
                         url = "https://www.example.com/library/security-guide", next = { "bank-case", "zero-trust-live" } }
asset "bank-case"      { kind = "case-study", topic = "security", buying_stage = "compare", title = "How a bank did it",
                         url = "https://www.example.com/library/bank-case", next = { "datasheet", "price-list" } }
asset "datasheet"      { kind = "product", topic = "security", buying_stage = "compare", title = "Data sheet",
                         url = "https://www.example.com/library/datasheet", next = { "price-list" } }
asset "price-list"     { kind = "prices", topic = "security", buying_stage = "decide", title = "Prices", url = "https://www.example.com/pricing" }
asset "checklist"      { kind = "checklist", topic = "security", buying_stage = "learn", title = "Ten questions to ask first",
                         file = "ten-questions.txt", next = { "security-guide" } }
asset "zero-trust-live" { kind = "webinar", topic = "security", buying_stage = "learn", title = "Zero trust, live", url = "https://www.example.com/webinar/zero-trust",
                          at = "2027-03-18 15:00 Europe/Berlin", lasts = "45 minutes", next = { "bank-case" } }
