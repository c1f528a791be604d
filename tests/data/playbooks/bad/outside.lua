segment "a" { who = on "*" }
holdout = 3
--> 2: holdout = 3 stands outside every declaration. Was a } closed too early?
