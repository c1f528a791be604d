local n = 0
while true do n = n + 1 end
--> 2: Lua cannot read or run this: ran longer than a script may (20000000 instructions).
