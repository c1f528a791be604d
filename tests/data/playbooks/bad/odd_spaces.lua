segment "s" { who = on "*" }
segment "t" {​who = on "*" }
--> 1: segment "s": an odd space from a word processor or a web page stands here. Delete it and type a plain one.
--> 2: segment "t": an odd space from a word processor or a web page stands here. Delete it and type a plain one.
