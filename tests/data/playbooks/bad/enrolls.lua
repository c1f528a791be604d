campaign "a" { enter = "by hand", step "x" { enroll "b" } }
campaign "b" { enter = "by hand", step "x" { enroll "a" } }
--> 1: campaigns "a" and "b" enroll each other without a pause.
