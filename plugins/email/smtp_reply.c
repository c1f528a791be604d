/* The reply parser: see smtp_reply.h. Called by smtp_session.c, for every answer; fuzzed by the unit test. */
#include "smtp_reply.h"

#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void smtp_reply_init(struct smtp_reply *reply)
{
	*reply = (struct smtp_reply){.lines = g_string_sized_new(256), .whole = true};
}

void smtp_reply_fini(struct smtp_reply *reply)
{
	if (reply->lines)
		g_string_free(reply->lines, TRUE);
	reply->lines = NULL;
}

/* A number of one to three digits at *p, which moves behind it; -1 if there is none. */
static int short_number(const char **p)
{
	int value = 0, digits = 0;
	for (; g_ascii_isdigit(**p) && digits < 3; digits++)
		value = value * 10 + *(*p)++ - '0';
	return digits ? value : -1;
}

/* X.subject.detail at the start of the text, where X is the code's own class. */
static void read_enhanced(struct smtp_reply *reply)
{
	const char *p = reply->lines->str;
	reply->subject = reply->detail = -1;
	if (p[0] != '0' + reply->code / 100 || p[1] != '.')
		return;
	p += 2;
	int subject = short_number(&p);
	if (subject < 0 || *p++ != '.')
		return;
	int detail = short_number(&p);
	if (detail < 0 || (*p != ' ' && *p != '\n' && *p != '\t'))
		return;
	reply->subject = subject;
	reply->detail = detail;
}

static enum reply_progress bad(const char **why, const char *what)
{
	*why = what;
	return REPLY_BAD;
}

/* One line without its CRLF. */
static enum reply_progress take_line(struct smtp_reply *reply, const char *line, size_t n, const char **why)
{
	if (n < 3 || line[0] < '2' || line[0] > '5' || !g_ascii_isdigit(line[1]) || !g_ascii_isdigit(line[2]))
		return bad(why, "an answer without a code");
	if (memchr(line, '\0', n) || memchr(line, '\r', n))
		return bad(why, "an answer with a NUL or a lone CR");
	if (n > 3 && line[3] != ' ' && line[3] != '-')
		return bad(why, "an answer without a space after its code");
	int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
	if (reply->whole) {
		g_string_truncate(reply->lines, 0);
		reply->line_count = 0;
		reply->code = code;
	} else if (code != reply->code) {
		return bad(why, "an answer with two codes");
	}
	if (++reply->line_count > REPLY_LINES_MAX || reply->lines->len + n > REPLY_MAX)
		return bad(why, "an endless answer");
	if (n > 4)
		g_string_append_len(reply->lines, line + 4, (gssize)n - 4);
	g_string_append_c(reply->lines, '\n');
	reply->whole = n == 3 || line[3] == ' ';
	if (!reply->whole)
		return REPLY_MORE;
	read_enhanced(reply);
	return REPLY_WHOLE;
}

enum reply_progress smtp_reply_feed(struct smtp_reply *reply, const char *bytes, size_t n, size_t *used, const char **why)
{
	*used = 0;
	while (*used < n) {
		const char *line = bytes + *used;
		const char *end = memchr(line, '\n', n - *used);
		size_t length = end ? (size_t)(end + 1 - line) : n - *used;
		if (length > REPLY_LINE_MAX)
			return bad(why, "an endless line");
		if (!end)
			return REPLY_MORE;
		if (length < 2 || end[-1] != '\r')
			return bad(why, "a line without CRLF");
		*used += length;
		enum reply_progress progress = take_line(reply, line, length - 2, why);
		if (progress != REPLY_MORE)
			return progress;
	}
	return REPLY_MORE;
}

void smtp_reply_say(const struct smtp_reply *reply, char *out, size_t max)
{
	GString *line = g_string_sized_new(128);
	text_append_line(line, reply->lines->str, reply->lines->len, max > 8 ? max - 8 : 0);
	snprintf(out, max, line->len ? "%d %s" : "%d", reply->code, line->str);
	g_string_free(line, TRUE);
}

void smtp_reply_remote_id(const struct smtp_reply *reply, char *out, size_t max)
{
	GString *line = g_string_sized_new(128);
	const char *text = reply->lines->str, *id = strcasestr(text, "queued as ");
	if (id) {
		text_append_line(line, id + 10, strcspn(id + 10, " \n"), max - 1);
	} else {
		size_t enhanced = reply->subject >= 0 ? strcspn(text, " \n") : 0;
		text_append_line(line, text + enhanced, reply->lines->len - enhanced, max - 1);
	}
	snprintf(out, max, "%s", line->str);
	g_string_free(line, TRUE);
}

static void offer_auth(struct smtp_offer *out, const char *mechanisms, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t word = 0;
		while (i + word < n && mechanisms[i + word] != ' ' && mechanisms[i + word] != '=')
			word++;
		if (word == 5 && !strncasecmp(mechanisms + i, "PLAIN", 5))
			out->auth_plain = true;
		if (word == 5 && !strncasecmp(mechanisms + i, "LOGIN", 5))
			out->auth_login = true;
		i += word + 1;
	}
}

static void offer_line(struct smtp_offer *out, const char *line, size_t n)
{
	size_t word = 0;
	while (word < n && line[word] != ' ' && line[word] != '=')
		word++;
	size_t rest = word < n ? n - word - 1 : 0;
#define IS(name) (word == sizeof(name) - 1 && !strncasecmp(line, name, word))
	if (IS("PIPELINING"))
		out->pipelining = true;
	else if (IS("STARTTLS"))
		out->starttls = true;
	else if (IS("SMTPUTF8"))
		out->utf8 = true;
	else if (IS("8BITMIME"))
		out->eight_bit = true;
	else if (IS("SIZE") && rest)
		out->size = strtoull(line + word + 1, NULL, 10); /* the line ends in '\n' */
	else if (IS("AUTH") && rest)
		offer_auth(out, line + word + 1, rest);
#undef IS
}

void smtp_reply_offer(const struct smtp_reply *reply, struct smtp_offer *out)
{
	*out = (struct smtp_offer){0};
	const char *line = strchr(reply->lines->str, '\n'); /* the first line is a greeting */
	while (line && line[1]) {
		const char *end = strchr(++line, '\n');
		offer_line(out, line, end ? (size_t)(end - line) : strlen(line));
		line = end;
	}
}
