asset "live" { kind = "webinar", at = "2027-02-30 15:00" }
--> 1: asset "live": 30 February 2027 does not exist.
