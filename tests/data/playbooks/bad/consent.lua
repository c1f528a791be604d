consent "call" { default = "opt-out" }
--> 1: consent "call": consent "call" does not say what holds when the country is not known. Add unknown = "opt-in".
