form "fine" { ask = "email", preset = { source = "utm_source", title = "utm_term" } }
form "other" { ask = "email", preset = { source = "source" } }
form "both" { ask = { "email", "company" }, preset = { company = "utm_campaign", email = "utm_term" } }
form "strange" { ask = "email", preset = { external_id = "utm_source", sorce = "utm_source", industry = "utm_source" } }
form "number" { ask = "email", preset = { source = 1 } }
form "list" { ask = "email", preset = { "source" } }
--> 2: form "other": preset: source = is filled by utm_source, utm_medium, utm_campaign, utm_term or utm_content of the page's address; "source" is none of them.
--> 3: form "both": company is asked and preset. Leave one of the two out.
--> 3: form "both": email is asked and preset. Leave one of the two out.
--> 4: form "strange": "industry" is a field of companies. A form asks people about themselves: name fields of leads.
--> 4: form "strange": external_id says who a lead is elsewhere. A form cannot ask for it.
--> 4: form "strange": there is no field "sorce". Did you mean "source"? Lead fields are declared in fields.lua.
--> 5: form "number": preset: source = is filled by utm_source, utm_medium, utm_campaign, utm_term or utm_content of the page's address; 1 is none of them.
--> 6: form "list": preset says which field is filled by what: preset = { source = "utm_source" }.
