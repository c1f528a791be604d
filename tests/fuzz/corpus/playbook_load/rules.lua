model "m" {
  rule "no max"  { on "asset.download", points = 10, each = "time" },
  rule "no on"   { lead { phone = known }, points = 10, each = "day", max = 20 },
  rule "gone"    { on "asset.download", points = 10, fades = "30 days" },
  rule "none"    { on "asset.download" },
  rule "choose"  { points = choose "timing" { now = 3, six_months = 2 } },
  rule "text"    { points = choose "source" { referral = 3 } },
  rule "choice"  { points = choose "timing" { nwo = 3, otherwise = 2 } },
}
--> 2: model "m", rule "no max": each = "time" needs max =, or one busy reader gets endless points.
--> 3: model "m", rule "no on": each = "day" counts the events of one on "…", and this rule has none.
--> 4: model "m", rule "gone": fades = "30 days" could mean gone or halved. Write fades = "by half every 30 days"; what ends at once has within in its on.
--> 5: model "m", rule "none": points = is missing: points = 10.
--> 6: model "m", rule "choose": choose "timing" says nothing about "later". Add it, or otherwise = ….
--> 7: model "m", rule "text": choose "source" needs otherwise = …: source is text, so anything may stand there.
--> 8: model "m", rule "choice": timing has no choice "nwo". Its choices are now, six_months, later.
