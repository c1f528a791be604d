campaign "drip" { enter = "by hand",
  step "a" { email "welcome",
    when = stage "customer",
    when = stage "engaged" },
}
--> 4: campaign "drip", step "a": "when" is given twice in the same braces (first on line 3). Lua would keep only the last.
