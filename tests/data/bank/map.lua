-- How a row of the dated file (dated.py) becomes a lead: see README.md. The column duration is left out: it is known only after the call.
return {
  email = "contact-{contact_id}@example.com",
  external_id = "{contact_id}",
  empty = { "unknown" },
  at = "known_at",
  fields = {
    age = "age", job = "job", marital = "marital", education = "education", credit_default = "default", housing = "housing", loan = "loan",
    contact_type = "contact", last_month = "month", last_weekday = "day_of_week", contacts = "campaign",
    days_since = "pdays", contacts_before = "previous", employment_change = "emp.var.rate", price_index = "cons.price.idx",
    confidence = "cons.conf.idx", euribor = "euribor3m", employed = "nr.employed",
  },
  outcome = { column = "y", won = "yes", event = "opportunity.won", lost = "no", lost_event = "opportunity.lost", at = "called_at" },
}
