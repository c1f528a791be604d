form "went-1" { ask = "email", thanks = "http://www.example.com/thanks" }
form "went-2" { ask = "email", thanks = "www.example.com/thanks" }
form "went-3" { ask = "email", thanks = "/thanks" }
form "went-4" { ask = "email", thanks = "https://www.example.com/thank you" }
form "went-5" { ask = "email", thanks = "https://ann@example.com/" }
form "went-6" { ask = "email", thanks = "https://example.com; script-src *" }
form "went-7" { ask = "email", thanks = "https://example.com:/thanks" }
form "went-8" { ask = "email", thanks = "https://example.com:8443/thanks?from=form", gives = "security-guide" }
form "went-9" { ask = "email", thanks = "Thank you. Read on at https://www.example.com/ in the meantime." }
form "went-10" { ask = "email", thanks = "Thanks." }
--> 1: form "went-1": thanks = "http://www.example.com/thanks" looks like an address and is none that a browser can be sent to. Write it whole: https://www.example.com/thanks.
--> 2: form "went-2": thanks = "www.example.com/thanks" looks like an address and is none that a browser can be sent to. Write it whole: https://www.example.com/thanks.
--> 3: form "went-3": thanks = "/thanks" looks like an address and is none that a browser can be sent to. Write it whole: https://www.example.com/thanks.
--> 4: form "went-4": thanks = "https://www.example.com/thank you" looks like an address and is none that a browser can be sent to. Write it whole: https://www.example.com/thanks.
--> 5: form "went-5": thanks = "https://ann@example.com/" looks like an address and is none that a browser can be sent to. Write it whole: https://www.example.com/thanks.
--> 6: form "went-6": thanks = "https://example.com; script-src *" looks like an address and is none that a browser can be sent to. Write it whole: https://www.example.com/thanks.
--> 7: form "went-7": thanks = "https://example.com:/thanks" looks like an address and is none that a browser can be sent to. Write it whole: https://www.example.com/thanks.
--> 8: form "went-8": gives = "security-guide" has its link on our own page of thanks, and thanks = "https://example.com:8443/thanks?from=form" shows none. Name a page of templates/page/.
