test "a lapsed German lead who never confirmed gets no mail" {
  lead { email = "lead-2@example.org", country = "DE" },
  event "asset.download" { subject = "security-guide" },
  wait "91 days", expect { segment = "lapsed", email = "nothing", held = "email: DE asks for double opt-in" },
}

test "competitors are never written to" {
  lead { email = "lead-5@example.net", country = "US", competitor = true },
  event "asset.download" { subject = "security-guide" }, expect { segment = "competitors", email = "nothing" },
}
