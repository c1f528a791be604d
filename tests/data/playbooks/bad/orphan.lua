campaign "drip" { enter = "by hand", leave = withdrew "email", step "a" { email "welcome" } }
step "sunset" { email "newsletter" }
--> 2: step "sunset" is used nowhere. It stands outside its campaign's braces: was a } closed too early?
