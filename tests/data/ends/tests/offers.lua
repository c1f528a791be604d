-- Five assets; the case was read, and the webinar is over before its turn comes: three mails.
test "from general to special, never one twice, and then something else" {
  lead { email = "o@example.com" },
  event "asset.download" { subject = "case" }, event "ask.offer", expect { email = "nothing" },
  wait "22 days", expect { email = "next" },
  wait "21 days", expect { email = "next" },
  wait "21 days", expect { email = "next" },
  wait "21 days", expect { email = "spent" },
  wait "90 days", expect { email = "nothing" },
}
