segment "a" { who = account { employees = "200" } }
segment "b" { title = 5, who = on "*" }
segment "c" { who = account { industry = at_least(3) } }
segment "d" { who = lead { competitor = "yes" } }
segment "e" { who = { on "*", stage "customer" } }
segment "f" { who = email "welcome" }
segment "g" { who = on "*" { at_least = "2" } }
segment "h" { who = lead { country = "Germany" } }
segment "i" { who = lead { phone = knwon } }
--> 2: segment "b": title is text; 5 is a number. Put it in quotes.
--> 5: segment "e": who takes one condition. Several are joined by any { … }, all { … } or none { … }.
--> 6: segment "f": who is a condition; email "welcome" does not ask anything.
--> 7: segment "g": at_least is a number; "2" is text. Leave the quotes away.
--> 9: segment "i": "knwon" is not a word of the playbook. Did you mean "known"? If it is a name, put it in quotes.
