-- How a row of bank-marketing.csv becomes a lead: see README.md.
return {
  email = "contact-{contact_id}@example.com",
  external_id = "{contact_id}",
  empty = { "unknown" },
  fields = {
    age = "age", job = "job", marital = "marital", education = "education", credit_default = "default", housing = "housing", loan = "loan",
    contact_type = "contact", last_month = "month", last_weekday = "day_of_week", call_seconds = "duration", contacts = "campaign",
    days_since = "pdays", contacts_before = "previous", employment_change = "emp.var.rate", price_index = "cons.price.idx",
    confidence = "cons.conf.idx", euribor = "euribor3m", employed = "nr.employed",
  },
  outcome = { column = "y", won = "yes", event = "opportunity.won" },
}
