/* The setting `dkim`: { domain = "example.com", selector = "n1", key = "dkim.pem" }, or a list of such (an RSA key and an Ed25519 one beside it: who cannot
 * verify the second takes the first). */
#include "settings_parts.h"

#include <stdio.h>
#include <string.h>

/* A domain, or a selector, which has its form: as it stands in the DNS. */
static char *read_domain(const json_t *value)
{
	const char *text = json_string_value(value), *why;
	struct address probe;
	char *address = text && *text != '[' ? g_strdup_printf("x@%s", text) : NULL;
	bool good = address && strlen(text) == json_string_length(value) && address_parse(address, &probe, &why);
	g_free(address);
	return good ? g_ascii_strdown(probe.domain, -1) : NULL;
}

static int read_key(struct settings *s, struct dkim_key *key, const json_t *value, struct nurture_problem *problem)
{
	const char *path = json_string_value(value);
	char why[256];
	if (!path || !*path)
		return problem_set(problem, "dkim.key", "dkim.key is the file with the private key; nurture email dkim-key --new FILE makes one");
	char *whole = g_path_is_absolute(path) || !s->data_dir ? g_strdup(path) : g_build_filename(s->data_dir, path, NULL);
	int result = dkim_key_read(whole, &key->key, why);
	g_free(whole);
	if (result < 0)
		return problem_set(problem, "dkim.key", "%s", why);
	key->ed25519 = key->key && EVP_PKEY_base_id(key->key) == EVP_PKEY_ED25519;
	return 0;
}

static int read_one(struct settings *s, const json_t *object, struct nurture_problem *problem)
{
	static const char *const known[] = {"domain", "selector", "key"};
	struct dkim_key *key = &s->dkim.keys[s->dkim.count];
	const char *name;
	json_t *value;
	if (s->dkim.count == DKIM_KEYS)
		return problem_set(problem, "dkim", "dkim has at most %d keys", DKIM_KEYS);
	s->dkim.count++;
	json_object_foreach((json_t *)object, name, value)
		if (strcmp(name, known[0]) != 0 && strcmp(name, known[1]) != 0 && strcmp(name, known[2]) != 0)
			return problem_set(problem, "dkim", "there is no setting dkim.%.100s: dkim = { domain = …, selector = …, key = FILE }", name);
	if (!(key->domain = read_domain(json_object_get(object, "domain"))))
		return problem_set(problem, "dkim.domain", "dkim.domain must be the domain that signs, as in from");
	if (!(key->selector = read_domain(json_object_get(object, "selector"))))
		return problem_set(problem, "dkim.selector", "dkim.selector must be a name for the key, like \"n1\": its record is SELECTOR._domainkey.DOMAIN");
	return read_key(s, key, json_object_get(object, "key"), problem);
}

int settings_read_dkim(struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem)
{
	size_t i;
	json_t *each;
	(void)name;
	if (json_is_array(value) && json_array_size(value)) {
		json_array_foreach((json_t *)value, i, each)
			if (!json_is_object(each) ? problem_set(problem, "dkim", "dkim is a list of { domain = …, selector = …, key = FILE }") : read_one(s, each, problem))
				return -1;
		return 0;
	}
	if (!json_is_object(value) || !json_object_size(value))
		return problem_set(problem, "dkim", "dkim must be { domain = …, selector = …, key = FILE }, or a list of such");
	return read_one(s, value, problem);
}

int settings_can_sign(const struct settings *s, struct nurture_problem *problem)
{
	for (size_t i = 0; i < s->dkim.count; i++)
		if (!s->dkim.keys[i].key)
			return problem_set(problem, "dkim.key", "the key of %s may not be read by this user", s->dkim.keys[i].domain);
	return 0;
}
