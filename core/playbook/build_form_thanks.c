/* What whoever filled in a form sees then. `thanks` is words, the name of a page in templates/page/, or an address of the company's own site, to which the
 * browser is sent. Called by build_forms.c. Always holds: where a form goes to stands in the playbook alone; nothing that a visitor sends is part of it. */
#include "playbook/build.h"

#include <ctype.h>
#include <string.h>

static const char HTTPS[] = "https://", NAME[] = "abcdefghijklmnopqrstuvwxyz0123456789-",
		  HOST[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";

/* A dot between letters: example.com, but not "Thanks." or "We will call you... soon". */
static bool has_domain(const char *text)
{
	for (const char *dot = strchr(text, '.'); dot; dot = strchr(dot + 1, '.'))
		if (dot > text && isalnum((unsigned char)dot[-1]) && isalnum((unsigned char)dot[1]))
			return true;
	return false;
}

/* Would somebody who wrote this have meant an address? Words have blanks between them, or none of what only addresses have. */
static bool looks_like_address(const char *text)
{
	size_t word = strcspn(text, " \t\r\n");
	if (strncasecmp(text, "http:", 5) == 0 || strncasecmp(text, "https:", 6) == 0 || strncmp(text, "//", 2) == 0 || strncasecmp(text, "www.", 4) == 0)
		return true;
	return !text[word] && (*text == '/' || has_domain(text));
}

/* https://host, perhaps a port, and what may follow it. The host becomes part of a policy that browsers read, so it is looked at letter by letter. */
static bool is_address(const char *text)
{
	if (strncmp(text, HTTPS, strlen(HTTPS)) != 0)
		return false;
	const char *host = text + strlen(HTTPS), *rest = host + strspn(host, HOST);
	if (rest == host || !isalnum((unsigned char)*host))
		return false;
	if (*rest == ':') {
		size_t digits = strspn(rest + 1, "0123456789");
		if (digits < 1 || digits > 5)
			return false;
		rest += 1 + digits;
	}
	if (*rest && !strchr("/?#", *rest))
		return false;
	for (; *rest; rest++)
		if ((unsigned char)*rest <= ' ' || *rest == 0x7f)
			return false;
	return true;
}

void build_form_thanks(struct build *b, const struct phrase *phrase, struct form *out)
{
	const char *thanks = detail_text(phrase, "thanks");
	if (!thanks)
		return;
	if (*thanks && !thanks[strspn(thanks, NAME)]) { /* names have no spaces and no capitals */
		build_need_template(b, phrase->at, "page", thanks);
		out->page = thanks;
	} else if (is_address(thanks)) {
		out->goes = thanks;
	} else if (looks_like_address(thanks)) {
		build_error(b, phrase->at, "thanks = \"%s\" looks like an address and is none that a browser can be sent to. Write it whole: https://www.example.com/thanks.", thanks);
	} else {
		out->thanks = thanks;
	}
}
