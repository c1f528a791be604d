/* Words after `nurture email`: see command.h. */
#include "command.h"

#include <stdio.h>
#include <string.h>

enum { TXT_MOST = 255 };

/* "--new=FILE" among the words: FILE; NULL = it is not there. */
static const char *option(size_t count, const char *const *words, const char *name)
{
	for (size_t i = 1; i < count; i++)
		if (g_str_has_prefix(words[i], name))
			return words[i] + strlen(name);
	return NULL;
}

static int refuse(struct nurture_problem *problem, const char *text)
{
	snprintf(problem->message, sizeof problem->message, "%s", text);
	return -1;
}

void command_append_record(GString *out, const char *name, const char *text)
{
	g_string_append_printf(out, "%s. IN TXT (", name);
	for (size_t n = strlen(text), i = 0; i < n; i += TXT_MOST)
		g_string_append_printf(out, " \"%.*s\"", (int)MIN((size_t)TXT_MOST, n - i), text + i);
	g_string_append(out, " )\n");
}

static int append_key(GString *out, const char *domain, const char *selector, EVP_PKEY *key, struct nurture_problem *problem)
{
	char *record = dkim_record(key), *name = g_strdup_printf("%s._domainkey.%s", selector, domain);
	if (record)
		command_append_record(out, name, record);
	g_free(name);
	g_free(record);
	return record ? 0 : refuse(problem, "the public key cannot be told");
}

/* The domain of the channel's `from`, as it stands in the configuration: the rest of it may not hold before there is a key. */
static bool read_from(const json_t *object, struct address *out)
{
	const char *from = json_string_value(json_object_get(object, "from")), *at = from ? strrchr(from, '@') : NULL, *why;
	char *text = at ? g_strdup_printf("x%.*s", (int)strcspn(at, "> \t"), at) : NULL;
	bool good = text && address_parse(text, out, &why);
	g_free(text);
	return good;
}

/* One label or several (RFC 6376 section 3.1). */
static bool is_selector(const char *text)
{
	size_t label = 0;
	for (; *text; text++) {
		label = *text == '.' ? 0 : label + 1;
		if (label > 63 || (*text == '.' ? text[1] == '.' || !text[1] : !g_ascii_isalnum(*text) && !(*text == '-' && label > 1)))
			return false;
	}
	return label > 0;
}

static int make_key(const json_t *object, size_t count, const char *const *words, const char *path, GString *out, struct nurture_problem *problem)
{
	const char *named = option(count, words, "--domain="), *selector = option(count, words, "--selector="), *domain;
	EVP_PKEY *key = NULL;
	char why[256];
	const char *wrong;
	struct address whose;
	char *probe = named ? g_strdup_printf("x@%s", named) : NULL;
	bool known = probe ? *named != '[' && address_parse(probe, &whose, &wrong) : read_from(object, &whose);
	g_free(probe);
	domain = known ? whose.domain : "example.com";
	if (named && !known)
		return refuse(problem, "--domain is no domain. Write it like example.com.");
	if (selector && (!is_selector(selector) || *selector == '.'))
		return refuse(problem, "--selector is a name in the DNS: letters, digits and hyphens, like n2.");
	if (dkim_key_make(path, option(count, words, "--ed25519") != NULL, &key, why))
		return refuse(problem, why);
	char *whole = g_canonicalize_filename(path, NULL); /* nurture.conf takes others relative to data_dir */
	g_string_append_printf(out, "; the private key is in %s. Let the user that serves read it, and nobody else.\n; nurture.conf: dkim = { domain = \"%s\", selector = \"%s\", key = \"%s\" }\n",
			       whole, domain, selector ? selector : "n1", whole);
	g_free(whole);
	int result = append_key(out, domain, selector ? selector : "n1", key, problem);
	EVP_PKEY_free(key);
	return result;
}

static int show_keys(const struct settings *s, GString *out, struct nurture_problem *problem)
{
	if (!s->dkim.count)
		return refuse(problem, "the channel signs nothing: dkim = { domain = \"example.com\", selector = \"n1\", key = FILE }. nurture email dkim-key --new FILE makes a key.");
	for (size_t i = 0; i < s->dkim.count; i++)
		if (append_key(out, s->dkim.keys[i].domain, s->dkim.keys[i].selector, s->dkim.keys[i].key, problem))
			return -1;
	return 0;
}

static int with_settings(const json_t *object, const char *data_dir, size_t count, const char *const *words, GString *out, struct nurture_problem *problem)
{
	struct settings s;
	int result = object ? settings_read(&s, object, data_dir, problem) : refuse(problem, "the configuration has no channel with plugin = \"email\"");
	if (!object)
		return result;
	if (!result && !strcmp(words[0], "dkim-key"))
		result = settings_can_sign(&s, problem) ? -1 : show_keys(&s, out, problem);
	else if (!result)
		result = domain_check(&s, count > 1 && words[1][0] != '-' ? words[1] : NULL, option(count, words, "--server="), out, problem);
	settings_fini(&s);
	return result;
}

int email_command(const json_t *object, const char *data_dir, size_t count, const char *const *words, nurture_write_fn *write, void *arg,
		  struct nurture_problem *problem)
{
	GString *out = g_string_new(NULL);
	const char *path = option(count, words, "--new=");
	bool known = count && (!strcmp(words[0], "dkim-key") || !strcmp(words[0], "check-domain"));
	int result = !known ? refuse(problem, "the commands are dkim-key and check-domain")
		     : path ? make_key(object, count, words, path, out, problem)
			    : with_settings(object, data_dir, count, words, out, problem);
	write(arg, out->str, out->len);
	g_string_free(out, TRUE);
	return result;
}
