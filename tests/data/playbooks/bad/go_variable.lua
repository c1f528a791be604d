campaign "drip" { enter = "by hand",
  step "f" { function(lead) local where = "f" return go(where) end },
}
--> 2: campaign "drip", step "f": go needs the name of a step in quotes here, so that the check knows where leads can go: go "monthly".
