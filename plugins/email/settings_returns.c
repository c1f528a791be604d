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
	if (memchr(address.text, '+', local))
		return problem_set(problem, name, "bounces has a + already, and a token follows behind one: write the address without it, \"%.*s@%s\"",
				   (int)strcspn(address.text, "+"), address.text, address.domain);
	if (local > VERP_LOCAL_MAX || address.utf8 || memchr(address.text, '"', local))
		return problem_set(problem, name, "what stands before the @ of bounces must be plain and at most %d characters long: \"+\" and a token of %d follow",
				   (int)VERP_LOCAL_MAX, (int)VERP_TOKEN);
	address_copy(&s->bounces, &address);
	return 0;
}

static void box_fini(struct box_settings *b)
{
	if (b->password)
		explicit_bzero(b->password, strlen(b->password));
	g_free(b->url), g_free(b->shown), g_free(b->user), g_free(b->password), g_free(b->folder), g_free(b->ca), g_free(b->to);
}

void returns_settings_fini(struct returns_settings *s)
{
	for (size_t i = 0; i < BOXES_MOST; i++) /* also one that was being read */
		box_fini(&s->boxes[i]);
	g_free(s->ses_topic), g_free(s->ses_host), g_free(s->ses_ca);
	*s = (struct returns_settings){0};
}

/* ---- a mailbox ---- */

/* The one that is read now: settings_read_boxes counts it when it is whole. */
static struct box_settings *box_of(struct settings *s)
{
	return &s->returns.boxes[s->returns.box_count];
}

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

static int take_url(struct box_settings *r, CURLU *url, const char *where, struct nurture_problem *problem)
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
		r->shown = g_strdup_printf("%s://%s@%s%s%s%s%s", scheme, r->user, host, port ? ":" : "", port ? port : "", r->pop3 ? "" : "/", r->pop3 ? "" : r->folder);
		result = 0;
	}
	g_free(scheme), g_free(host), g_free(port), g_free(path);
	return result;
}

static bool percents_are_whole(const char *text)
{
	for (const char *p = strchr(text, '%'); p; p = strchr(p + 1, '%'))
		if (!g_ascii_isxdigit(p[1]) || !g_ascii_isxdigit(p[2]))
			return false;
	return true;
}

static int read_url(struct settings *s, const char *where, const json_t *value, struct nurture_problem *problem)
{
	const char *text = json_string_value(value);
	if (text && !percents_are_whole(text))
		return problem_set(problem, where, "in mailbox, %% stands for a byte in two hexadecimal digits: write %% itself as %%25, @ as %%40, / as %%2F");
	CURLU *url = curl_url();
	bool good = text && strlen(text) == json_string_length(value) && curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK;
	int result = good ? take_url(box_of(s), url, where, problem) : problem_set(problem, where, "mailbox must be imaps://USER:PASSWORD@HOST/FOLDER or pop3s://USER:PASSWORD@HOST");
	curl_url_cleanup(url);
	return result;
}

static int read_after(struct settings *s, const char *where, const json_t *value, struct nurture_problem *problem)
{
	struct box_settings *r = box_of(s);
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
	return read_seconds(&box_of(s)->every, where, value, problem);
}

static int read_patience(struct settings *s, const char *where, const json_t *value, struct nurture_problem *problem)
{
	return read_seconds(&box_of(s)->patience, where, value, problem);
}

static int read_plain(struct settings *s, const char *where, const json_t *value, struct nurture_problem *problem)
{
	const char *text = json_string_value(value);
	if (!text || (strcmp(text, "require") != 0 && strcmp(text, "none") != 0))
		return problem_set(problem, where, "%s must be \"require\" or \"none\"", where);
	box_of(s)->plain = !strcmp(text, "none");
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
	return read_file(&box_of(s)->ca, s, where, value, problem);
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
	return box_of(s)->url ? 0 : problem_set(problem, "mailbox", "mailbox must say where it is: { url = \"imaps://USER:PASSWORD@HOST/FOLDER\" }");
}

static int read_box(struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem)
{
	struct box_settings *box = box_of(s);
	box->after = AFTER_MOVE;
	box->to = g_strdup("Processed");
	box->every = 60;
	box->patience = 60;
	if (json_is_object(value) ? read_table(s, value, problem) : read_url(s, name, value, problem))
		return -1;
	if (box->pop3 && box->after != AFTER_DELETE)
		return problem_set(problem, name, "a pop3 mailbox has no folders and no marks: what is recorded is deleted there. Say so: mailbox = { url = …, after = \"delete\" }");
	for (size_t i = 0; i < s->returns.box_count; i++)
		if (!strcmp(s->returns.boxes[i].shown, box->shown))
			return problem_set(problem, name, "%s stands there twice", box->shown);
	s->returns.box_count++;
	return 0;
}

/* One, or a list of them. */
int settings_read_boxes(struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem)
{
	size_t i;
	json_t *each;
	if (!json_is_array(value))
		return read_box(s, name, value, problem);
	if (!json_array_size(value) || json_array_size(value) > BOXES_MOST)
		return problem_set(problem, name, "mailbox must be one mailbox, or a list of 1 to %d", BOXES_MOST);
	json_array_foreach((json_t *)value, i, each)
		if (read_box(s, name, each, problem))
			return -1;
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
