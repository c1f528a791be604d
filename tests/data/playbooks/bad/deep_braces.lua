local deep = stage "customer"
for i = 1, 70 do deep = any { deep } end
segment "deep" { who = deep }
--> 2: these braces are nested too deep.
