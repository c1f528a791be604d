-- What our pages ask: /f/demo, /f/newsletter, /f/security-guide (that one also on the page /z/security). What is known of a visitor already is not asked again.
form "demo" { title = "See it at work", intro = "Tell us a little, and somebody who knows your industry will show you.",
  ask = { "email", "first_name", "last_name", "company", "phone", "country", question "need" { ask = "How much do you need it?" },
          question "timing" { ask = "When will you decide?" } },
  needed = { "company" }, ask_at_most = 4, button = "Show me",
  consent = { email = "Yes, write to me about security, once or twice a month. I can stop it at any time.",
              call = "Yes, call me about this." },
  thanks = "Thank you. We will come back to you within one working day." }

form "newsletter" { title = "Our newsletter", ask = { "email", "country" }, button = "Subscribe",
  consent = { email = "Yes, send me the newsletter every month. I can stop it at any time." },
  thanks = "Thank you. If your country asks for it, you will find a message to confirm in your mailbox." }

form "security-guide" { title = "The security guide", ask = { "email", "company", question "timing" { ask = "When will you decide?" } },
  ask_at_most = 1, gives = "security-guide", thanks = "thank-you" }

form "checklist" { title = "Ten questions to ask first", ask = "email", button = "Send me to it", gives = "checklist",
  thanks = "Here you are." }

form "call-me" { title = "Call me", intro = "We call you within five minutes of our office hours.",
  ask = { "first_name", "phone", "email", "country" }, needed = { "phone" }, button = "Call me",
  consent = { call = "Yes, call me about this." },
  thanks = "Thank you. The telephone rings in a moment." }
