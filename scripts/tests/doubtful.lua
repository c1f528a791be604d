test "an address that is lent for minutes makes a lead doubtful" {
  lead { email = "lead-7@mailinator.com", country = "US" },
  event "page.view" { subject = "/" }, expect { segment = "doubtful" },
}
