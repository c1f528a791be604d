campaign "drip" { enter = "by hand",
  step "a" { email "welcome",, },
}
--> 2: a comma stands here with nothing before it. Is there one too many?
