/* Bounces that are no report but words: what servers and programs wrote before RFC 3464, and go on writing. Pure functions over texts; called by returns_message.c, which
 * has found that a machine wrote it. What a line means says returns_verdict.c. */
#include "returns_came.h"
#include "returns_report.h"

#include <glib.h>
#include <string.h>

bool came_subject_of_bounce(const char *subject)
{
	static const char *const words[] = {"undeliver", "delivery status notification", "delivery failure", "delivery failed", "mail delivery failed", "failure notice", "returned mail",
					    "mail system error", "delivery notification", "message not delivered", "could not be delivered", "unzustellbar", "nicht zugestellt",
					    "non remis", "no se puede entregar", "non recapitabile", "warning: ", "delayed", "delivery report", "message status - undeliverable"};
	char *low = g_utf8_strdown(subject ? subject : "", -1);
	bool found = false;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		found = found || strstr(low, words[i]) != NULL;
	g_free(low);
	return found;
}

static bool tells_of_delay(const char *text)
{
	static const char *const words[] = {"will continue to try", "will keep trying", "delivery attempts will continue", "will be retried", "has not yet been delivered", "not been delivered yet",
					    "no action is required on your part", "this is a warning message only", "delivery of your message has been delayed", "will try again",
					    "zustellung verz\xc3\xb6gert", "is still being tried", "message is being delayed", "you do not need to resend"};
	char *low = g_ascii_strdown(text, -1);
	bool found = false;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		found = found || strstr(low, words[i]) != NULL;
	g_free(low);
	return found;
}

/* What it says without what it brings back: qmail, exim and the like put the message below a line of dashes. */
static char *words_of_bounce(const char *text)
{
	static const char *const below[] = {"--- Below this line is a copy of the message", "------ This is a copy of", "----- Original message -----", "----- Unsent message follows",
					    "   ----- Message header follows", "--- Undelivered message follows", "Received: from ", "\nReturn-Path: "};
	const char *end = text + strlen(text);
	for (size_t i = 0; i < sizeof below / sizeof *below; i++) {
		const char *at = strstr(text, below[i]);
		if (at && at < end && at > text)
			end = at;
	}
	return g_strndup(text, (gsize)(end - text));
}

/* The line that says why: the first that a table knows, with the two below it, else the first with a code. */
static void read_words(const char *text, struct came *out)
{
	char **lines = g_strsplit(text, "\n", 400);
	for (size_t i = 0; lines[i]; i++) {
		char code[16] = "";
		if (strlen(lines[i]) > 1000)
			lines[i][1000] = '\0';
		bool coded = came_find_code(lines[i], code) && code[0] != '2';
		enum came_kind kind = came_verdict(coded ? code : "", lines[i]);
		if (coded && !out->code[0])
			g_strlcpy(out->code, code, sizeof out->code);
		if (!kind || (out->kind && !(coded && !out->reason[0])))
			continue;
		out->kind = kind;
		report_reason(lines[i], out->reason);
		break;
	}
	g_strfreev(lines);
}

void came_words(const char *text, bool failed, struct came *out)
{
	char *words = words_of_bounce(text);
	bool delayed = tells_of_delay(words);
	out->why = delayed ? "delay notice" : "bounce in words";
	if (!delayed)
		read_words(words, out);
	if (!delayed && !out->kind && failed)
		out->kind = CAME_SOFT;
	g_free(words);
}
