/* Tokens in addresses: see returns_verp.h. */
#include "returns_verp.h"

#include <stdio.h>
#include <string.h>

bool verp_write(const struct address *bounces, const char *token, struct address *out)
{
	size_t local = (size_t)(bounces->domain - 1 - bounces->text);
	char text[2 * ADDRESS_MAX];
	struct address made;
	const char *why;
	if (local > VERP_LOCAL_MAX || strlen(token) != VERP_TOKEN)
		return false;
	snprintf(text, sizeof text, "%.*s+%s@%s", (int)local, bounces->text, token, bounces->domain);
	if (!address_parse(text, &made, &why))
		return false;
	address_copy(out, &made);
	return true;
}

static bool is_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7');
}

/* What stands before the token: '+', or '.' behind a number. */
static bool begins(const char *text, const char *at)
{
	if (at == text)
		return false;
	if (at[-1] == '+')
		return true;
	return at - text >= 2 && at[-1] == '.' && at[-2] >= '0' && at[-2] <= '9';
}

bool verp_find(const char *text, size_t length, char token[VERP_TOKEN + 1])
{
	size_t run = 0;
	for (size_t i = 0; i < length; i++) {
		if (is_digit(text[i])) {
			run++;
			continue;
		}
		const char *at = text + i - run;
		if (run == VERP_TOKEN && text[i] == '@' && begins(text, at)) {
			for (size_t k = 0; k < VERP_TOKEN; k++)
				token[k] = (char)(at[k] >= 'A' && at[k] <= 'Z' ? at[k] + 32 : at[k]);
			token[VERP_TOKEN] = '\0';
			return true;
		}
		run = 0;
	}
	return false;
}
