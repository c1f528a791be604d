segment "active" { who = on "*" }
--> 1: there are two segments "active": this one and that of playbook.lua:21. A name is given once.
