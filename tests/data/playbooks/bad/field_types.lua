segment "a" { who = account { employees = "200" } }
segment "c" { who = account { industry = at_least(3) } }
segment "d" { who = lead { competitor = "yes" } }
segment "h" { who = lead { country = "Germoney" } }
segment "i" { who = lead { visits = between(5, 2) } }
--> 1: segment "a": employees is a number; "200" is text. Leave the quotes away.
--> 2: segment "c": industry is no number, and at_least compares numbers.
--> 3: segment "d": competitor is yes or no; "yes" is text. Write true or false.
--> 4: segment "h": "Germoney" is not a country. Write its name or its two letters, like Germany or DE.
--> 5: segment "i": between(5, 2) is never true: the smaller number stands first.
