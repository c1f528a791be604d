script "asks" { question "timing" { next = "timing" }, result "done" {} }
--> 1: script "asks": question "timing" is asked for ever: no answer leads to the end of the call. Leave its next away, or let one lead on.
