-- Who we are, when we may call on people, and what they must have agreed to.
playbook "sample" { title = "Acme Security", time_zone = "Europe/Berlin", language = "en",
  postal_address = "Acme Security, 1 Example Street, 10115 Berlin, Germany",
  -- Two leads that have all fields of a line alike become one (README.md, "One person"). By default none do.
  -- same_person = { { "phone", "last_name" }, { "last_name", "first_name", "company", "country" } },
}

hours "office" { days = "Mon-Fri", from = "9:00", to = "17:30", zone = "Europe/Berlin" }    -- ours: what "business" counts
hours "email"  { days = "Mon-Fri", from = "8:00", to = "18:00" }                            -- no zone: the lead's own
hours "call"   { days = "Mon-Sat", from = "8:00", to = "21:00",
                 countries = { DE = "Mon-Fri 9:00-20:00", FR = "Mon-Fri 10:00-13:00 14:00-20:00" } }

cap "email" { at_most = 2, within = "7 days", except = { "service", "confirm" } }
cap "call"  { at_most = 1, within = "2 days", except = { "service" } }   -- who asked to be called is
cap "*"     { at_most = 12, within = "90 days", except = { "service", "confirm" } }         -- all channels together

-- What our mails are about. Each mail names its topic (topic: in the template); on the page behind "Unsubscribe" a lead chooses among them, and how often.
topic "guides" { label = "Guides and examples" }
topic "events" { label = "Webinars and seminars" }
topic "news"   { label = "The newsletter" }

-- Business e-mail may be sent until somebody says no; where the law of a country wants a yes first, it is asked for.
consent "email"  { purpose = "marketing", default = "opt-out", unknown = "opt-in",
                   countries = { DE = "double-opt-in", AT = "opt-in", IT = "opt-in", CA = "opt-in" } }
consent "call"   { purpose = "marketing", default = "opt-out", unknown = "opt-in", countries = { DE = "opt-in" } }
-- Whether we record that a mail was opened or a link in it followed, and give the browser of somebody who reads our pages a cookie.
-- (Of a page's reader no country is known: there `unknown` holds.)
consent "track_open"  { default = "opt-out", unknown = "opt-out", countries = { FR = "opt-in", DE = "opt-in" } }
consent "track_click" { default = "opt-out", unknown = "opt-out" }
consent "cookie"      { default = "opt-in", unknown = "opt-in" }
consent "letter" { purpose = "marketing", default = "opt-out", unknown = "opt-out" }
