/* The settings of what comes back (README.md): a row of the table in settings.c each. */
#include "settings_parts.h"

#include "returns_verp.h"

#include <curl/curl.h>
#include <stdio.h>
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

void returns_settings_fini(struct returns_settings *s)
{
	if (s->password)
		explicit_bzero(s->password, strlen(s->password));
	g_free(s->url), g_free(s->shown), g_free(s->user), g_free(s->password), g_free(s->folder), g_free(s->ca), g_free(s->to);
	g_free(s->ses_topic), g_free(s->ses_host), g_free(s->ses_ca);
	*s = (struct returns_settings){0};
}

/* ---- the mailbox ---- */

/* A part of the URL, decoded, as one line; NULL: there is none, or it is no text. */
static char *url_part(CURLU *url, CURLUPart part, bool decoded)
{
	char *text = NULL, *out = NULL;
	if (curl_url_get(url, part, &text, decoded ? CURLU_URLDECODE : 0) == CURLUE_OK && *text) {
		out = g_strdup(text);
		for (const char *p = text; *p; p++)
			if ((unsigned char)*p < 0x20 || *p == 0x7F) {
				g_free(out);
				out = NULL;
				break;
			}
	}
	curl_free(text);
	return out;
}

static bool scheme_is(const char *scheme, bool *pop3)
{
	*pop3 = g_str_has_prefix(scheme, "pop3");
	return !strcmp(scheme, "imap") || !strcmp(scheme, "imaps") || !strcmp(scheme, "pop3") || !strcmp(scheme, "pop3s");
}

static int take_url(struct returns_settings *r, CURLU *url, const char *where, struct nurture_problem *problem)
{
	char *scheme = url_part(url, CURLUPART_SCHEME, false), *host = url_part(url, CURLUPART_HOST, false), *port = url_part(url, CURLUPART_PORT, false);
	char *path = url_part(url, CURLUPART_PATH, true);
	int result = -1;
	r->user = url_part(url, CURLUPART_USER, true);
	r->password = url_part(url, CURLUPART_PASSWORD, true);
	if (!scheme || !host || !scheme_is(scheme, &r->pop3)) {
		problem_set(problem, where, "mailbox must be imaps://USER:PASSWORD@HOST[:PORT][/FOLDER], imap://…, pop3s://… or pop3://…");
	} else if (!r->user || !r->password) {
		problem_set(problem, where, "mailbox must say who reads it: %s://USER:PASSWORD@%s", scheme, host);
	} else if (r->pop3 && path && strlen(path) > 1) {
		problem_set(problem, where, "mailbox: pop3 has no folders");
	} else {
		r->folder = g_strdup(path && strlen(path) > 1 ? path + 1 : "INBOX");
		r->url = g_strdup_printf("%s://%s%s%s", scheme, host, port ? ":" : "", port ? port : "");
		r->shown = g_strdup_printf("%s%s%s", r->url, r->pop3 ? "" : "/", r->pop3 ? "" : r->folder);
		result = 0;
	}
	g_free(scheme), g_free(host), g_free(port), g_free(path);
	return result;
}

static int read_url(struct settings *s, const char *where, const json_t *value, struct nurture_problem *problem)
{
	CURLU *url = curl_url();
	const char *text = json_string_value(value);
	bool good = text && strlen(text) == json_string_length(value) && curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK;
	int result = good ? take_url(&s->returns, url, where, problem) : problem_set(problem, where, "mailbox must be imaps://USER:PASSWORD@HOST/FOLDER or pop3s://USER:PASSWORD@HOST");
	curl_url_cleanup(url);
	return result;
}

static int read_after(struct settings *s, const char *where, const json_t *value, struct nurture_problem *problem)
{
	struct returns_settings *r = &s->returns;
	const char *text = json_string_value(value);
	g_free(r->to);
	r->to = NULL;
	if (text && g_str_has_prefix(text, "move:") && text[5] && !strpbrk(text, "\r\n")) {
		r->after = AFTER_MOVE;
		r->to = g_strdup(text + 5);
	} else if (text && !strcmp(text, "seen")) {
		r->after = AFTER_SEEN;
	} else if (text && !strcmp(text, "delete")) {
		r->after = AFTER_DELETE;
	} else {
		return problem_set(problem, where, "%s must be \"move:FOLDER\", \"seen\" or \"delete\"", where);
	}
	return 0;
}

static int read_seconds(double *out, const char *where, const json_t *value, struct nurture_problem *problem)
{
	*out = json_number_value(value);
	if (!json_is_number(value) || !(*out >= 0.05 && *out <= 86400))
		return problem_set(problem, where, "%s must be a number of seconds from 0.05 to 86400", where);
	return 0;
}

static int read_every(struct settings *s, const char *where, const json_t *value, struct nurture_problem *problem)
{
	return read_seconds(&s->returns.every, where, value, problem);
}

static int read_patience(struct settings *s, const char *where, const json_t *value, struct nurture_problem *problem)
{
	return read_seconds(&s->returns.patience, where, value, problem);
}

static int read_plain(struct settings *s, const char *where, const json_t *value, struct nurture_problem *problem)
{
	const char *text = json_string_value(value);
	if (!text || (strcmp(text, "require") != 0 && strcmp(text, "none") != 0))
		return problem_set(problem, where, "%s must be \"require\" or \"none\"", where);
	s->returns.plain = !strcmp(text, "none");
	return 0;
}

static int read_file(char **out, const struct settings *s, const char *where, const json_t *value, struct nurture_problem *problem)
{
	const char *text = json_string_value(value);
	g_free(*out);
	*out = text ? g_path_is_absolute(text) || !s->data_dir ? g_strdup(text) : g_build_filename(s->data_dir, text, NULL) : NULL;
	FILE *file = text ? fopen(*out, "re") : NULL;
	if (!file)
		return problem_set(problem, where, "%s must be a file with certificates: %s cannot be read", where, text ? *out : "it");
	fclose(file);
	return 0;
}

static int read_ca(struct settings *s, const char *where, const json_t *value, struct nurture_problem *problem)
{
	return read_file(&s->returns.ca, s, where, value, problem);
}

static const struct {
	const char *name;
	int (*read)(struct settings *s, const char *where, const json_t *value, struct nurture_problem *problem);
} box_options[] = {{"url", read_url}, {"after", read_after}, {"every", read_every}, {"patience", read_patience}, {"tls", read_plain}, {"tls_ca", read_ca}};

static int read_table(struct settings *s, const json_t *table, struct nurture_problem *problem)
{
	const char *key;
	json_t *value;
	char where[100];
	json_object_foreach((json_t *)table, key, value) {
		size_t i = 0, n = sizeof box_options / sizeof *box_options;
		while (i < n && strcmp(box_options[i].name, key) != 0)
			i++;
		snprintf(where, sizeof where, "mailbox.%.80s", key);
		if (i == n)
			return problem_set(problem, where, "there is no setting \"%s\"; a mailbox has url, after, every, patience, tls and tls_ca", where);
		if (box_options[i].read(s, where, value, problem))
			return -1;
	}
	return s->returns.url ? 0 : problem_set(problem, "mailbox", "mailbox must say where it is: { url = \"imaps://USER:PASSWORD@HOST/FOLDER\" }");
}

int settings_read_box(struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem)
{
	struct returns_settings *r = &s->returns;
	r->after = AFTER_MOVE;
	r->to = g_strdup("Processed");
	r->every = 60;
	r->patience = 60;
	if (json_is_object(value) ? read_table(s, value, problem) : read_url(s, name, value, problem))
		return -1;
	if (r->pop3 && r->after != AFTER_DELETE)
		return problem_set(problem, name, "a pop3 mailbox has no folders and no marks: what is recorded is deleted there. Say so: mailbox = { url = …, after = \"delete\" }");
	return 0;
}

/* ---- Amazon SES ---- */

int settings_read_ses(struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem)
{
	struct returns_settings *r = &s->returns;
	const char *topic = json_string_value(json_object_get(value, "topic")), *host = json_string_value(json_object_get(value, "host"));
	const json_t *ca = json_object_get(value, "tls_ca");
	size_t known = (size_t)1 + (host ? 1u : 0u) + (ca ? 1u : 0u);
	if (!topic || !g_str_has_prefix(topic, "arn:aws") || json_object_size(value) != known)
		return problem_set(problem, name, "ses must be { topic = \"arn:aws:sns:REGION:ACCOUNT:NAME\" }: the topic that SES tells of bounces and complaints");
	r->ses_topic = g_strdup(topic);
	r->ses_host = g_strdup(host);
	return ca ? read_file(&r->ses_ca, s, "ses.tls_ca", ca, problem) : 0;
}

/* ---- soft bounces ---- */

static int read_count(uint32_t *out, const json_t *value, json_int_t most)
{
	json_int_t n = json_integer_value(value);
	if (!json_is_integer(value) || n < 1 || n > most)
		return -1;
	*out = (uint32_t)n;
	return 0;
}

int settings_read_soft(struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem)
{
	struct returns_settings *r = &s->returns;
	if (json_is_false(value)) {
		r->soft_most = r->soft_days = 0;
		return 0;
	}
	if (!json_is_object(value) || json_object_size(value) != 2 || read_count(&r->soft_most, json_object_get(value, "count"), 1000) ||
	    read_count(&r->soft_days, json_object_get(value, "days"), 3650))
		return problem_set(problem, name, "soft_bounces must be { count = 5, days = 30 } (so many in so many days suppress an address), or false");
	return 0;
}
