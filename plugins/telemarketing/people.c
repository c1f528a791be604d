/* See people.h. The server makes leads of them and leaves out what does not fit a lead: so it is looked at here, while somebody can still ask again. */
#include "people.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { PEOPLE_MOST = 20, TEXT_MOST = 4000, FIELD_MOST = 200, EMAIL_MOST = 254 };

static bool is_listed(const char *text, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(*list, text) == 0)
			return true;
	return false;
}

static bool is_name(const json_t *value, size_t most)
{
	const char *text = json_string_value(value);
	return text && json_string_length(value) <= most && strlen(text) == json_string_length(value) && text[strspn(text, " \t\r\n")];
}

/* As far as a typing error shows; the server reads it strictly. */
static bool is_email(const char *text)
{
	const char *at = strrchr(text, '@'), *dot = at ? strrchr(at, '.') : NULL;
	return at && at > text && dot && dot > at + 1 && dot[1] && strlen(text) <= EMAIL_MOST && !text[strcspn(text, " \t\r\n,;<>\"()")] && strchr(text, '@') == at;
}

static bool is_phone(const char *text)
{
	size_t digits = 0;
	for (const char *c = text; *c; c++)
		digits += *c >= '0' && *c <= '9';
	return text[strspn(text, "+0123456789 ()-./")] == '\0' && digits >= 4 && digits <= 20 && !strchr(text + 1, '+');
}

static bool field_fits(const char *key, const json_t *value, char *wrong, size_t room)
{
	static const char *const keys[] = {"first_name", "last_name", "email", "phone", "title", "role", "company", "city", "country", "language", NULL};
	static const char *const roles[] = {"researcher", "champion", "influencer", "executive", "user", "purchaser", NULL};
	const char *text = json_string_value(value);
	if (!is_listed(key, keys))
		snprintf(wrong, room, "has no \"%.40s\": say first_name, last_name, email, phone, title, role, company, city, country or language", key);
	else if (!text || strlen(text) > FIELD_MOST || strlen(text) != json_string_length(value))
		snprintf(wrong, room, "has no text for %s, or one of more than %d bytes", key, FIELD_MOST);
	else if (*text && strcmp(key, "email") == 0 && !is_email(text))
		snprintf(wrong, room, "cannot be written to at \"%.60s\": that is no e-mail address", text);
	else if (*text && strcmp(key, "phone") == 0 && !is_phone(text))
		snprintf(wrong, room, "cannot be called at \"%.60s\": that is no telephone number", text);
	else if (*text && strcmp(key, "role") == 0 && !is_listed(text, roles))
		snprintf(wrong, room, "has the role \"%.40s\": say researcher, champion, influencer, executive, user or purchaser", text);
	else
		return true;
	return false;
}

static bool person_fits(const json_t *person, char *wrong, size_t room)
{
	static const char *const who[] = {"first_name", "last_name", "email", "phone"};
	const char *key;
	json_t *value;
	bool named = false;
	if (json_is_string(person) && is_name(person, FIELD_MOST))
		return true;
	if (!json_is_object(person)) {
		snprintf(wrong, room, "is neither a name nor an object with fields");
		return false;
	}
	json_object_foreach ((json_t *)(uintptr_t)person, key, value)
		if (!field_fits(key, value, wrong, room))
			return false;
	for (size_t i = 0; i < sizeof who / sizeof *who; i++)
		named |= is_name(json_object_get(person, who[i]), FIELD_MOST);
	if (!named)
		snprintf(wrong, room, "has no name, no e-mail address and no telephone number");
	return named;
}

bool people_fit(const json_t *value, char *wrong, size_t room)
{
	char of[200];
	size_t i;
	json_t *person;
	if (json_is_string(value) && json_string_length(value) <= TEXT_MOST)
		return true;
	if (!json_is_array(value) || json_array_size(value) > PEOPLE_MOST) {
		snprintf(wrong, room, "is a list of at most %d people: [{\"first_name\", \"last_name\", \"email\", \"phone\"}], or a text", PEOPLE_MOST);
		return false;
	}
	json_array_foreach ((json_t *)(uintptr_t)value, i, person)
		if (!person_fits(person, of, sizeof of)) {
			snprintf(wrong, room, "names people, and number %zu %s", i + 1, of);
			return false;
		}
	return true;
}

json_t *people_fields(const json_t *person)
{
	json_t *fields = json_is_object(person) ? json_object() : json_pack("{s:O}", "last_name", person), *value;
	const char *key;
	json_object_foreach ((json_t *)(uintptr_t)person, key, value)
		if (json_string_length(value))
			json_object_set(fields, key, value);
	return fields;
}
