test "a lapsed German lead who never confirmed gets no mail, and points fade" {
  lead { email = "lead-2@example.org", country = "DE" },
  event "asset.download" { subject = "security-guide" }, expect { score = { nurture = 10 } },
  wait "30 days", expect { score = { nurture = 5 } },
  wait "61 days", expect { segment = "lapsed", email = "nothing", held = "email: DE asks for double opt-in" },
}

test "competitors are never written to" {
  lead { email = "lead-5@example.net", country = "US", competitor = true },
  event "asset.download" { subject = "security-guide" }, expect { segment = "competitors", email = "nothing" },
}
