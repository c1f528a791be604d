asset "live" { kind = "webinar", at = "2027-02-30 15:00" }
asset "night" { kind = "webinar", at = "2027-03-28 02:30 Europe/Berlin" }
--> 1: asset "live": 30 February 2027 does not exist.
--> 2: asset "night": 2027-03-28 02:30 does not exist in Europe/Berlin: clocks are put forward then.
