--@ tests/story.lua
test "a story" {
  lead { email = "a@example.com", visits = "3" },
  event "asset.downlaod" {}, expect { band = "redy" },
  event "asset.download" { subject = "security-giude" }, expect { handoff = "nroth" },
  expect { email = "welcom" },
}
test "no end" { lead { email = "b@example.com" } }
test "a team" { lead { email = "a@example.com" }, expect { handoff = "desks" } }
--> 3: test "a story": visits is a number; "3" is text. Leave the quotes away.
--> 4: test "a story": there is no verb "asset.downlaod". Did you mean "asset.download"? An event of your own needs verb "asset.downlaod" { … } first.
--> 4: test "a story": there is no band "redy". Did you mean "ready"?
--> 5: test "a story": there is no asset "security-giude". Did you mean "security-guide"?
--> 5: test "a story": there is no person "nroth". Did you mean "north"?
--> 6: test "a story": there is no template templates/email/welcom.md. Write it, or name one of: alarm, key-benefit, newsletter, perhaps, welcome, worth.
--> 8: test "no end": a test expects something: expect { email = "welcome" }.
--> 9: test "a team": handoff = "desks": that is a team, and a lead is handed to one of it. Name that person.
