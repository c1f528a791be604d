/* Fields of reports: see returns_report.h. Strict in nothing: servers write what they like. */
#include "returns_report.h"

#include "text.h"

#include <stdio.h>
#include <string.h>

enum { GROUPS = 100 };

/* The end of a line: at its newline, or at the end. */
static const char *line_end(const char *p)
{
	return p + strcspn(p, "\n");
}

static bool is_blank_line(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\r'))
		p++;
	return p == end;
}

static bool is_field(const char *p, const char *end, const char *name)
{
	size_t n = strlen(name);
	if ((size_t)(end - p) <= n || g_ascii_strncasecmp(p, name, n) != 0)
		return false;
	for (p += n; p < end && (*p == ' ' || *p == '\t'); p++)
		;
	return p < end && *p == ':';
}

/* With the lines that go on. */
static char *value_at(const char *p, const char *end)
{
	GString *out = g_string_new(NULL);
	p = memchr(p, ':', (size_t)(end - p));
	g_string_append_len(out, p + 1, end - p - 1);
	while (*end && (end[1] == ' ' || end[1] == '\t')) {
		const char *next = line_end(end + 1);
		if (is_blank_line(end + 1, next) || out->len > 4000)
			break;
		g_string_append_c(out, ' ');
		g_string_append_len(out, end + 1, next - end - 1);
		end = next;
	}
	return g_strstrip(g_string_free(out, FALSE));
}

char *report_field(const char *text, const char *name)
{
	for (const char *p = text; *p;) {
		const char *end = line_end(p);
		if (is_field(p, end, name))
			return value_at(p, end);
		p = *end ? end + 1 : end;
	}
	return NULL;
}

void report_address(const char *text, char out[ADDRESS_MAX + 1])
{
	struct address address;
	const char *why, *semi = strchr(text, ';');
	char *copy = g_strdup(semi ? semi + 1 : text), *p = g_strstrip(copy);
	char *open = strchr(p, '<'), *close = open ? strchr(open, '>') : NULL;
	if (close) {
		*close = '\0';
		p = open + 1;
	}
	if (address_parse(p, &address, &why))
		g_strlcpy(out, address.text, ADDRESS_MAX + 1);
	g_free(copy);
}

void report_reason(const char *text, char out[CAME_REASON + 1])
{
	char *valid = g_utf8_make_valid(text, (gssize)strnlen(text, 2000));
	GString *line = g_string_new(NULL);
	for (const char *p = valid; *p; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		bool space = g_unichar_isspace(c) || g_unichar_iscntrl(c);
		if (space && (!line->len || line->str[line->len - 1] == ' '))
			continue;
		if (line->len + 6 > CAME_REASON)
			break;
		g_string_append_unichar(line, space ? ' ' : c);
	}
	g_strlcpy(out, g_strchomp(line->str), CAME_REASON + 1);
	g_string_free(line, TRUE);
	g_free(valid);
}

/* Copies the group at *p and goes to the next one. NULL: there is none. */
static char *next_group(const char **p)
{
	const char *begin = *p, *end;
	while (*begin && is_blank_line(begin, end = line_end(begin)))
		begin = *end ? end + 1 : end;
	if (!*begin)
		return NULL;
	for (end = begin; *end && !is_blank_line(end, line_end(end));)
		end = *line_end(end) ? line_end(end) + 1 : line_end(end);
	*p = end;
	return g_strndup(begin, (gsize)(end - begin));
}

/* One recipient's group. false: it is none, or of one that did not fail. */
static bool read_recipient(const char *group, struct came *out, bool *other)
{
	char *action = report_field(group, "Action"), *status = report_field(group, "Status"), *diagnostic = report_field(group, "Diagnostic-Code");
	char *original = report_field(group, "Original-Recipient"), *final = report_field(group, "Final-Recipient");
	const char *said = diagnostic && strchr(diagnostic, ';') ? strchr(diagnostic, ';') + 1 : diagnostic ? diagnostic : "";
	bool failed = action ? !g_ascii_strncasecmp(action, "failed", 6) : status && *status == '5';
	*other = *other || (action && !failed);
	if (failed) {
		char code[16] = "";
		if (!status || !came_find_code(status, out->code))
			out->code[0] = '\0';
		if (came_find_code(said, code) && (!out->code[0] || g_str_has_suffix(out->code, ".0.0"))) /* the other server's own says more than 5.0.0 */
			g_strlcpy(out->code, code, sizeof out->code);
		out->kind = came_verdict(out->code, said);
		if (!out->kind)
			out->kind = CAME_SOFT;
		report_reason(*said ? said : status ? status : "", out->reason);
		if (final)
			report_address(final, out->address);
		if (original)
			report_address(original, out->address);
	}
	g_free(action), g_free(status), g_free(diagnostic), g_free(original), g_free(final);
	return failed;
}

void report_delivery(const char *text, struct came *out)
{
	const char *p = text;
	char *group;
	bool other = false;
	out->kind = CAME_NOTHING;
	out->why = "delivery report";
	for (int i = 0; i < GROUPS && !out->kind && (group = next_group(&p)); i++) {
		(void)read_recipient(group, out, &other);
		g_free(group);
	}
	if (!out->kind && other)
		out->why = "notice of a delay or a delivery";
}

void report_feedback(const char *text, struct came *out)
{
	static const char *const complaints[] = {"abuse", "fraud", "opt-out", "opt-out-list", "miscategorized", "virus", "other"};
	char *type = report_field(text, "Feedback-Type"), *recipient = report_field(text, "Original-Rcpt-To");
	out->kind = CAME_NOTHING;
	out->why = "feedback report";
	for (size_t i = 0; type && i < sizeof complaints / sizeof *complaints; i++)
		if (!g_ascii_strcasecmp(type, complaints[i]))
			out->kind = CAME_COMPLAINT;
	if (type)
		report_reason(type, out->reason);
	if (recipient)
		report_address(recipient, out->address);
	g_free(type);
	g_free(recipient);
}
