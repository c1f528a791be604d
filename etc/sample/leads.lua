-- Which column of leads.csv becomes which field (nurture import etc/sample/leads.csv --map etc/sample/leads.lua).
return {
  email = "{email}",
  external_id = "sample-{id}",
  empty = { "unknown" },
  fields = {
    first_name = "first_name", last_name = "last_name", title = "title", role = "role", company = "company", phone = "phone",
    source = "source", country = "country", time_zone = "time_zone", need = "need", timing = "timing", budget = "budget",
  },
}
