model "m" { from = 0, to = 10,
  rule "too little" { lead { phone = known }, points = 0.4 },
  rule "half" { lead { phone = known }, points = -1.5 },
  rule "most" { on "page.view", points = 1, each = "time", max = 2.5 },
  rule "chosen" { points = choose "timing" { now = 1.25, otherwise = 0.5 } },
  rule "counted" { on "page.view", points = 0.4, each = "time", max = 2 },
  rule "whole" { lead { phone = known }, points = 2.0 },
  rule "rounded when it runs" { points = function(lead) return 1.5 end },
}
--> 2: model "m", rule "too little": points = 0.4 is no whole number, and a receipt adds up whole points. Write 0 or 1.
--> 3: model "m", rule "half": points = -1.5 is no whole number, and a receipt adds up whole points. Write -2 or -1.
--> 4: model "m", rule "most": max = 2.5 is no whole number, and a receipt adds up whole points. Write 2 or 3.
--> 5: model "m", rule "chosen": now = 1.25 is no whole number, and a receipt adds up whole points. Write 1 or 2.
--> 5: model "m", rule "chosen": otherwise = 0.5 is no whole number, and a receipt adds up whole points. Write 0 or 1.
