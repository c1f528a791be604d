/* The settings of what comes back (README.md): a row of the table in settings.c each. */
#include "settings_parts.h"

#include "returns_verp.h"

#include <string.h>

int settings_read_bounces(struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem)
{
	const char *text = json_string_value(value), *why = "it is no text";
	struct address address;
	if (!text || strlen(text) != json_string_length(value) || !address_parse(text, &address, &why))
		return problem_set(problem, name, "bounces must be an address: %s", why);
	size_t local = (size_t)(address.domain - 1 - address.text);
	if (local > VERP_LOCAL_MAX || address.utf8 || memchr(address.text, '"', local))
		return problem_set(problem, name, "what stands before the @ of bounces must be plain and at most %d characters long: \"+\" and a token of %d follow",
				   (int)VERP_LOCAL_MAX, (int)VERP_TOKEN);
	address_copy(&s->bounces, &address);
	return 0;
}
