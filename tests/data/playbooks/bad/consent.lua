consent "call" { default = "opt-out" }
consent "sms" { default = "opt-in", unknown = "opt-in" }
--> 1: consent "call": consent "call" does not say what holds when the country is not known. Add unknown = "opt-in".
--> 2: consent "sms": there is no channel "sms". The channels are email, call, letter; beside them stand track_open, track_click, cookie.
