segment "a" { who = on "*" } }
--> 1: this } closes nothing: everything before it is closed already.
