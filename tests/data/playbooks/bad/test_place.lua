test "a story" { lead { email = "a@example.com" }, expect { stage = "inquiry" } }
--> 1: a test stands in a file of the folder tests.
