segment "a" { who = on "* }
--> 1: segment "a": the text "* } is never closed: the second " is missing on this line.
