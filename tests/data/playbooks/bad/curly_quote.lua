segment “active-too” { who = on "*" }
--> 1: this is a curly quote (“) from a word processor. Type a straight one: "
