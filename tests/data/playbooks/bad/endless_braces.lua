local wide = stage "customer"
for i = 1, 17 do wide = any { wide, wide } end
local self = segment "self"
self { who = self }
local late = segment "late"
local holder = any { late }
late { who = holder }
segment "wide" { who = wide }
--> 2: there is too much in these braces: more than 80,000 words and values. Make several of it.
--> 4: segment cannot stand in its own braces.
--> 6: any { … } is used nowhere. It stands outside every declaration's braces: was a } closed too early?
--> 7: segment gets its braces before it is used somewhere, not after.
