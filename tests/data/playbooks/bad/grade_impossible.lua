segment "a" { who = grade "A5" }
segment "b" { who = grade "E1" }
segment "c" { who = grade "good" }
--> 1: segment "a": grade "A5" cannot happen: digits go from 1 to 4.
--> 2: segment "b": grade "E1" cannot happen: letters go from A to D.
--> 3: segment "c": "good" is no grade. Write "A1", "C*" or "B2 or better".
