/* Automatic answers told from a person's. RFC 3834 says Auto-Submitted; much that answers by itself says something else, or nothing: Exchange says
 * auto-generated and "X-Auto-Response-Suppress: All", vacation(1) and procmail recipes Precedence, old Lotus and GroupWise only the words of the subject.
 * A challenge ("click here that your message is delivered") comes of a machine and wants an act: it is neither an answer nor a holiday. */
#include "returns_came.h"

#include <glib.h>
#include <string.h>

/* As the subject begins, small, without "re:" and the like. Of the large mail programs' own words, by language. */
static const char *const subjects[] = {
	"out of office", "out of the office", "out-of-office", "automatic reply", "auto reply", "auto-reply", "autoreply", "auto response", "autoresponse",
	"auto-response", "automated reply", "automated response", "away from my mail", "away from my desk", "i am out of", "i'm out of", "on vacation", "on holiday", "vacation:", "annual leave",
	"automatische antwort", "abwesenheit", "abwesend", "ich bin nicht im", "r\xc3\xa9ponse automatique", "reponse automatique", "absence du bureau",
	"message d'absence", "absent du bureau", "respuesta autom\xc3\xa1tica", "respuesta automatica", "fuera de la oficina", "fuera de oficina",
	"risposta automatica", "fuori sede", "fuori ufficio", "automatisch antwoord", "afwezig", "niet aanwezig", "resposta autom\xc3\xa1tica",
	"resposta automatica", "fora do escrit\xc3\xb3rio", "autosvar", "automatiskt svar", "automatisk svar", "frav\xc3\xa6r", "ikke til stede", "automaattinen vastaus",
	"poissa", "automatyczna odpowied", "odpowied\xc5\xba automatyczna", "nieobecno", "automatick\xc3\xa1 odpov", "automatikus v\xc3\xa1lasz",
	"\xd0\xb0\xd0\xb2\xd1\x82\xd0\xbe\xd0\xbe\xd1\x82\xd0\xb2\xd0\xb5\xd1\x82", /* avtootvet */
	"\xe8\x87\xaa\xe5\x8b\x95\xe8\xbf\x94\xe4\xbf\xa1", "\xe8\x87\xaa\xe5\x8b\x95\xe5\xbf\x9c\xe7\xad\x94", /* jido henshin, jido oto */
	"\xe8\x87\xaa\xe5\x8a\xa8\xe5\x9b\x9e\xe5\xa4\x8d", "\xe8\x87\xaa\xe5\x8a\xa8\xe7\xad\x94\xe5\xa4\x8d", /* zidong huifu, zidong dafu */
	"otomatik yan\xc4\xb1t", NULL,
};
static const char *const challenges[] = {
	"challenge/response", "verify your email to deliver", "please verify that you are a human", "confirm that you are not a spammer", "boxbe", "spamarrest",
	"spam arrest", "sender verification", "your message is awaiting your confirmation", "complete the verification", "to release your message", NULL,
};
static const char *const prefixes[] = {"re:", "aw:", "fw:", "fwd:", "wg:", "sv:", "vs:", "antw:", "rif:", "ris:", NULL};

static bool finds(const char *text, const char *const *needles)
{
	for (size_t i = 0; text && needles[i]; i++)
		if (strstr(text, needles[i]))
			return true;
	return false;
}

static bool subject_says(const char *subject)
{
	const char *p = subject;
	for (bool again = true; again;) {
		again = false;
		while (*p == ' ' || *p == '[' || *p == '*')
			p++;
		for (size_t i = 0; prefixes[i]; i++)
			if (g_str_has_prefix(p, prefixes[i])) {
				p += strlen(prefixes[i]);
				again = true;
			}
	}
	for (size_t i = 0; subjects[i]; i++)
		if (g_str_has_prefix(p, subjects[i]))
			return true;
	return false;
}

static char *small(const char *text)
{
	return text ? g_utf8_strdown(text, -1) : g_strdup("");
}

enum auto_answer came_is_auto(const struct auto_signs *s)
{
	char *subject = small(s->subject), *text = small(s->text), *submitted = small(s->auto_submitted), *precedence = small(s->precedence);
	bool says = s->marked || (*submitted && !g_str_has_prefix(g_strstrip(submitted), "no")) || s->returns_nowhere || strstr(precedence, "auto") ||
		    g_str_has_prefix(precedence, "bulk") || g_str_has_prefix(precedence, "junk") || subject_says(subject);
	bool challenge = finds(subject, challenges) || ((says || s->returns_nowhere) && finds(text, challenges));
	g_free(subject);
	g_free(text);
	g_free(submitted);
	g_free(precedence);
	return challenge ? AUTO_CHALLENGE : says ? AUTO_REPLY : AUTO_NO;
}
