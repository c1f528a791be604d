campaign "drip" { enter = "by hand",
  step "a" { stage "qualified", handoff "north", leave "with sales" },
  step "b" { stage "qualified", leave "qualified" },
}
--> 2: campaign "drip", step "a": stage "qualified" sets the stage here. If you are asking, write when = stage "qualified"; if you are setting, put it after handoff.
--> 3: campaign "drip", step "b": stage "qualified" sets the stage here. If you are asking, write when = stage "qualified"; if you are setting, give it a step of its own.
