--@ tests/scores.lua
test "an unknown model" { expect { score = { nope = 3 } } }
test "a text" { expect { score = { nature = "3" } } }
test "nothing" { expect {} }
--> 2: test "an unknown model": there is no model "nope".
--> 3: test "a text": score = { nature = 12 }: a number is expected, not "3".
--> 4: test "nothing": expect { } expects nothing. Write expect { email = "nothing" } when no mail may go out.
