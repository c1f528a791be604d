local names = { "a", "b" }
for i = 1, #names do
  segment(names[i]) { who = on "*" { at_least = i } }
end
segment("c" .. nil) { who = on "*" }
--> 5: Lua cannot read or run this: attempt to concatenate a nil value.
