field "age"               { label = "Age", type = "number" }
field "job"               { label = "Job", type = "text" }
field "marital"           { label = "Marital status", type = "text" }
field "education"         { label = "Education", type = "text" }
field "credit_default"    { label = "Has credit in default", type = "yes/no" }
field "housing"           { label = "Has a housing loan", type = "yes/no" }
field "loan"              { label = "Has a personal loan", type = "yes/no" }
field "contact_type"      { label = "Telephone", type = "choice", choices = { "cellular", "telephone" } }
field "last_month"        { label = "Month of the last contact", type = "text" }
field "last_weekday"      { label = "Weekday of the last contact", type = "text" }
field "contacts"          { label = "Contacts in this campaign", type = "number" }
field "days_since"        { label = "Days since an earlier campaign, 999 = never", type = "number" }
field "contacts_before"   { label = "Contacts before this campaign", type = "number" }
field "employment_change" { label = "Change of employment", type = "number" }
field "price_index"       { label = "Consumer prices", type = "number" }
field "confidence"        { label = "Consumer confidence", type = "number" }
field "euribor"           { label = "Euribor, three months", type = "number" }
field "employed"          { label = "Employed, thousands", type = "number" }
