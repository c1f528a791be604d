-- assets.lua: the library, and the link map in `next`, from general to special
asset "security-guide"  { kind = "white-paper", topic = "security", buying_stage = "learn", title = "The security guide",
                          file = "security-guide.pdf", next = { "bank-case", "zero-trust-live" } }
asset "bank-case"       { kind = "case-study", topic = "security", buying_stage = "compare", title = "How a bank did it",
                          file = "bank-case.pdf", next = { "datasheet", "price-list" } }
asset "datasheet"       { kind = "product", topic = "security", buying_stage = "compare", title = "Data sheet", file = "datasheet.pdf", next = { "price-list" } }
asset "price-list"      { kind = "prices", topic = "security", buying_stage = "decide", title = "Prices", url = "https://www.example.com/pricing" }
asset "zero-trust-live" { kind = "webinar", topic = "security", buying_stage = "learn", title = "Zero trust, live",
                          at = "2027-03-18 15:00 Europe/Berlin", lasts = "45 minutes", next = { "bank-case" } }
