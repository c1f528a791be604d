/* The standard fields of leads and accounts, and finding a field by name. The order is that of the columns of tables
 * lead and account: it never changes, new ones go to the end. */
#include "model/lead.h"
#include "model/quality.h"

#define PERSONAL .personal = true
#define TEXT_FIELD(slot, n, l, ...) [slot] = {.name = n, .label = l, .type = FIELD_TEXT, .standard = true, __VA_ARGS__}

static const char *const role_labels[] = {"researcher", "champion", "influencer", "executive", "user", "purchaser"};

static const char *const quality_labels[] = {
	"Disposable address", "Address of a function", "Private mailbox", "Impossible number", "Keyboard noise", "Competitor", "Duplicate"};

const struct field model_lead_fields[LEAD_STANDARD_COUNT] = {
	TEXT_FIELD(LEAD_EMAIL, "email", "E-mail", PERSONAL),
	TEXT_FIELD(LEAD_FIRST_NAME, "first_name", "First name", PERSONAL),
	TEXT_FIELD(LEAD_LAST_NAME, "last_name", "Last name", PERSONAL),
	TEXT_FIELD(LEAD_TITLE, "title", "Title", PERSONAL),
	[LEAD_ROLE] = {.name = "role",
		       .label = "Role",
		       .type = FIELD_CHOICE,
		       .choices = role_names,
		       .choice_labels = role_labels,
		       .choice_count = sizeof role_labels / sizeof *role_labels,
		       .standard = true},
	TEXT_FIELD(LEAD_COMPANY, "company", "Company"),
	TEXT_FIELD(LEAD_PHONE, "phone", "Telephone", PERSONAL),
	TEXT_FIELD(LEAD_SOURCE, "source", "Source"),
	TEXT_FIELD(LEAD_COUNTRY, "country", "Country"),
	TEXT_FIELD(LEAD_TIME_ZONE, "time_zone", "Time zone"),
	TEXT_FIELD(LEAD_LANGUAGE, "language", "Language"),
	TEXT_FIELD(LEAD_ADDRESS, "address", "Address", PERSONAL),
	TEXT_FIELD(LEAD_CITY, "city", "City", PERSONAL),
	TEXT_FIELD(LEAD_POSTAL_CODE, "postal_code", "Postal code", PERSONAL),
	TEXT_FIELD(LEAD_REGION, "region", "Region"),
	TEXT_FIELD(LEAD_EXTERNAL_ID, "external_id", "External id", PERSONAL),
	[LEAD_QUALITY] = {.name = "quality",
			  .label = "Quality",
			  .type = FIELD_CHOICES,
			  .choices = quality_names,
			  .choice_labels = quality_labels,
			  .choice_count = QUALITY_COUNT,
			  .standard = true,
			  .computed = true},
};

const struct field model_account_fields[ACCOUNT_STANDARD_COUNT] = {
	TEXT_FIELD(ACCOUNT_NAME, "name", "Name"),          TEXT_FIELD(ACCOUNT_DOMAIN, "domain", "Domain"),
	TEXT_FIELD(ACCOUNT_COUNTRY, "country", "Country"), TEXT_FIELD(ACCOUNT_CITY, "city", "City"),
	TEXT_FIELD(ACCOUNT_OWNER, "owner", "Owner"),
};

const struct schema model_standard_schema = {
	.lead = model_lead_fields,
	.lead_count = LEAD_STANDARD_COUNT,
	.account = model_account_fields,
	.account_count = ACCOUNT_STANDARD_COUNT,
};

static int find_field(const struct field *fields, size_t count, struct str name)
{
	for (size_t i = 0; i < count; i++)
		if (str_is(name, fields[i].name))
			return (int)i;
	return -1;
}

int value_refuse_computed(const struct field *field, struct error *error)
{
	return field->computed ? error_set(error, ERROR_INVALID, field->name, "%s is worked out from the other fields. It is not given.", field->name) : 0;
}

int schema_lead_slot(const struct schema *schema, struct str name)
{
	return find_field(schema->lead, schema->lead_count, name);
}

int schema_account_slot(const struct schema *schema, struct str name)
{
	return find_field(schema->account, schema->account_count, name);
}
