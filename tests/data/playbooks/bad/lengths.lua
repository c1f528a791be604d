campaign "drip" { enter = "by hand", leave = withdrew "email",
  step "a" { wait "3 buisness days", email "welcome" },
}
--> 2: campaign "drip", step "a": "3 buisness days" is not a length of time. Write a number and minutes, hours, days, weeks, months, years or business days, like "2 business days".
