/* Values and the fields that hold them: what a lead or an account may say about itself. */
#ifndef NURTURE_MODEL_VALUE_H
#define NURTURE_MODEL_VALUE_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/str.h"

#include <jansson.h>
#include <stdbool.h>

enum value_type { VALUE_EMPTY, VALUE_TEXT, VALUE_NUMBER, VALUE_YES_NO, VALUE_DATE, VALUE_LIST };

struct value {
	enum value_type type;
	union {
		struct str text;   /* VALUE_TEXT, also a choice's name; ended by NUL */
		double number;     /* finite */
		bool yes;
		moment_t date;
		struct {
			const struct str *items;
			size_t count;
		} list;            /* names of choices */
	};
};

enum field_type { FIELD_TEXT, FIELD_NUMBER, FIELD_DATE, FIELD_YES_NO, FIELD_CHOICE, FIELD_CHOICES };

struct field {
	const char *name;
	const char *label;
	enum field_type type;
	const char *const *choices;       /* names, in order */
	const char *const *choice_labels; /* the same length */
	size_t choice_count;
	bool personal; /* a person's data: erased with the person, never in the log */
	bool standard; /* ours, a column; else the playbook's, kept in lead.fields */
	bool computed; /* worked out by turns: asked for, never given */
};

/* The standard fields of a lead: fixed slots, columns of table lead in this order. */
enum lead_slot {
	LEAD_EMAIL, LEAD_FIRST_NAME, LEAD_LAST_NAME, LEAD_TITLE, LEAD_ROLE, LEAD_COMPANY, LEAD_PHONE, LEAD_SOURCE, LEAD_COUNTRY,
	LEAD_TIME_ZONE, LEAD_LANGUAGE, LEAD_ADDRESS, LEAD_CITY, LEAD_POSTAL_CODE, LEAD_REGION, LEAD_EXTERNAL_ID,
	LEAD_QUALITY, /* a list of names (model/quality.h); all others are texts */
	LEAD_STANDARD_COUNT
};
/* The same of an account. */
enum account_slot {
	ACCOUNT_NAME, ACCOUNT_DOMAIN, ACCOUNT_COUNTRY, ACCOUNT_CITY, ACCOUNT_OWNER, ACCOUNT_STANDARD_COUNT
};

/* What fields there are: the standard ones first, then the playbook's. Lives as long as the playbook that made it. */
struct schema {
	const struct field *lead;
	size_t lead_count;
	const struct field *account;
	size_t account_count;
};

extern const struct field model_lead_fields[LEAD_STANDARD_COUNT];
extern const struct field model_account_fields[ACCOUNT_STANDARD_COUNT];
extern const struct schema model_standard_schema; /* no custom fields: before a playbook is published */

/* Says that a computed field cannot be given; 0 when it is none. */
int value_refuse_computed(const struct field *field, struct error *error) MUST_USE;
/* Slot of a field, or -1. */
int schema_lead_slot(const struct schema *schema, struct str name);
int schema_account_slot(const struct schema *schema, struct str name);

bool value_same(const struct value *a, const struct value *b); /* empty is the same as empty here */
struct value value_copy(struct arena *arena, const struct value *v);

/* Reads a JSON value for a field: types are checked strictly, texts trimmed of nothing, at most 10,000 bytes, text without NUL and
 * controls; JSON null = empty. Error: where = field name, messages 15 and 27 of PLAYBOOK section 4 where they fit.
 * Standard fields are also normalised and checked: email (model_email_normalise), country (ISO 3166 alpha-2, upper case),
 * time_zone (IANA), role (one of the roles), language (BCP 47 primary tag). A choice may be written in other letters (ASCII), or by its label;
 * the value has its name. */
int value_from_json(const struct field *field, const json_t *json, struct arena *arena, struct value *out, struct error *error) MUST_USE;
/* The same from text as it stands in a CSV cell; "" = empty; yes/no, true/false, 1/0. */
int value_from_text(const struct field *field, struct str text, struct arena *arena, struct value *out, struct error *error) MUST_USE;
/* Refuses a choice that is not written as its name: for playbooks, where a label is words for people that may change at any time. */
int value_refuse_label(const struct field *field, const json_t *json, struct error *error) MUST_USE;
json_t *value_to_json(const struct value *v); /* new reference; dates as RFC 3339 */

/* E-mail addresses: trims, lower-cases the domain (and the local part for identity), refuses what RFC 5321 does not
 * allow unquoted, more than 64/254 octets, control characters. A domain in other letters becomes its ASCII form (xn--…); before the @ they stay,
 * small and composed (RFC 6531). Result in arena. */
int model_email_normalise(struct str text, struct arena *arena, struct str *out, struct error *error) MUST_USE;
/* What somebody typed to name a lead (id, address, external id): an address as identities have it, all else as it stands. In arena, ended by NUL. */
const char *model_lead_name(struct str text, struct arena *arena);
/* The same of an account, which is named by its id, its domain or its name: a domain as it is kept (lower case, xn--…), all else as it is. */
const char *model_account_name(struct str text, struct arena *arena);
/* The slot of a field of accounts that somebody wants to set, or -1: there is none of that name, or it is the domain, which names the account. */
int model_account_set_slot(const struct schema *schema, const char *name, struct error *error) MUST_USE;

#endif
