segment "ok" { who = on "*" }
segment "müll" { who = on "*" }
--> 2: this line has bytes that are no text. Was the file saved in another encoding than UTF-8?
