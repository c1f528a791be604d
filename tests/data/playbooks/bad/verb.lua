segment "a" { who = on "asset.downlaod" }
segment "b" { who = on "score.change" }
--> 1: segment "a": there is no verb "asset.downlaod". Did you mean "asset.download"? An event of your own needs verb "asset.downlaod" { … } first.
--> 2: segment "b": score.change cannot be asked for: scores have a record of their own. Write score { model = at_least(40) }.
