/* What another server's answer says of the recipient. Two tables: words first, as servers give codes more freely than words (a 5.7.1 is as often "user
 * unknown" as "spam"), then enhanced codes.
 *
 * Codes: RFC 3463 and the IANA registry of enhanced status codes; RFC 7505 (5.1.10), RFC 7372 (5.7.20 to 25). Words: what these send, as their manuals and
 * their sources have it: Postfix (smtpd, local, virtual), Exim (deliver.c, transports), qmail (qmail-send, qmail-remote), Sendmail (mailstats), Exchange and
 * Exchange Online ("NDR error codes"), Gmail ("SMTP error reference"), Yahoo ("SMTP error codes"), Outlook.com postmaster pages, Lotus Domino.
 *
 * What is not known is soft: it counts, and suppresses only when it comes again and again. What is the sender's fault suppresses nobody. */
#include "returns_came.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

struct words {
	enum came_kind kind;
	const char *text;
};

/* In order: the first that is found. */
static const struct words words[] = {
	/* the sender's fault, whatever the code */
	{CAME_REFUSED, "dmarc"}, {CAME_REFUSED, "spf check"}, {CAME_REFUSED, "spf fail"}, {CAME_REFUSED, "sender policy"}, {CAME_REFUSED, "dkim"},
	{CAME_REFUSED, "unauthenticated email"}, {CAME_REFUSED, "blocklist"}, {CAME_REFUSED, "block list"}, {CAME_REFUSED, "blacklist"},
	{CAME_REFUSED, "spamhaus"}, {CAME_REFUSED, "spamcop"}, {CAME_REFUSED, "barracuda"}, {CAME_REFUSED, "proofpoint"}, {CAME_REFUSED, "reputation"},
	{CAME_REFUSED, "unsolicited"}, {CAME_REFUSED, "looks like spam"}, {CAME_REFUSED, "spam message"}, {CAME_REFUSED, "as spam"},
	{CAME_REFUSED, "spam content"}, {CAME_REFUSED, "for spam"}, {CAME_REFUSED, "ip address has been blocked"}, {CAME_REFUSED, "banned sending ip"},
	{CAME_REFUSED, "sender rejected"}, {CAME_REFUSED, "sender denied"}, {CAME_REFUSED, "sender address rejected"}, {CAME_REFUSED, "rdns"},
	{CAME_REFUSED, "reverse dns"}, {CAME_REFUSED, "ptr record"}, {CAME_REFUSED, "virus"}, {CAME_REFUSED, "message size exceeds"},
	{CAME_REFUSED, "message too large"}, {CAME_REFUSED, "too big"}, {CAME_REFUSED, "content rejected"}, {CAME_REFUSED, "message rejected"},
	{CAME_REFUSED, "too many recipients"}, {CAME_REFUSED, "rate limit"}, {CAME_REFUSED, "sending rate"}, {CAME_REFUSED, "not allowed to send"},
	{CAME_REFUSED, "restricted to authenticated senders"}, {CAME_REFUSED, "recipientrestricted"}, {CAME_REFUSED, "notauthorized"},
	/* full, away for now */
	{CAME_SOFT, "mailbox full"}, {CAME_SOFT, "mailbox is full"}, {CAME_SOFT, "quota exceeded"}, {CAME_SOFT, "over quota"}, {CAME_SOFT, "overquota"},
	{CAME_SOFT, "exceeded storage"}, {CAME_SOFT, "exceeds quota"}, {CAME_SOFT, "quotaexceeded"}, {CAME_SOFT, "out of storage"},
	{CAME_SOFT, "inbox is full"}, {CAME_SOFT, "insufficient storage"}, {CAME_SOFT, "insufficient disk"}, {CAME_SOFT, "disk quota"},
	{CAME_SOFT, "bo\xc3\xaete pleine"}, {CAME_SOFT, "postfach ist voll"}, {CAME_SOFT, "postfach voll"}, {CAME_SOFT, "buz\xc3\xb3n lleno"},
	{CAME_SOFT, "casella piena"}, {CAME_SOFT, "greylist"}, {CAME_SOFT, "graylist"}, {CAME_SOFT, "receiving mail too quickly"},
	{CAME_SOFT, "retry timeout exceeded"}, {CAME_SOFT, "retry time not reached"}, {CAME_SOFT, "connection timed out"}, {CAME_SOFT, "operation timed out"},
	{CAME_SOFT, "connection refused"}, {CAME_SOFT, "lost connection"}, {CAME_SOFT, "delivery time expired"}, {CAME_SOFT, "message expired"},
	{CAME_SOFT, "in the queue too long"}, {CAME_SOFT, "could not be delivered for"}, {CAME_SOFT, "mail loop"}, {CAME_SOFT, "too many hops"},
	{CAME_SOFT, "temporarily"}, {CAME_SOFT, "try again later"}, {CAME_SOFT, "server busy"},
	/* nobody there */
	{CAME_HARD, "user unknown"}, {CAME_HARD, "unknown user"}, {CAME_HARD, "unknown recipient"}, {CAME_HARD, "recipient unknown"},
	{CAME_HARD, "no such user"}, {CAME_HARD, "no such recipient"}, {CAME_HARD, "no such mailbox"}, {CAME_HARD, "no such address"},
	{CAME_HARD, "no such person"}, {CAME_HARD, "user not found"}, {CAME_HARD, "recipient not found"}, {CAME_HARD, "recipientnotfound"},
	{CAME_HARD, "recipnotfound"}, {CAME_HARD, "mailbox not found"}, {CAME_HARD, "address not found"}, {CAME_HARD, "couldn't be found"},
	{CAME_HARD, "wasn't found"}, {CAME_HARD, "not found by smtp address lookup"}, {CAME_HARD, "does not exist"}, {CAME_HARD, "doesn't exist"},
	{CAME_HARD, "user doesn't have"}, {CAME_HARD, "no mailbox here by that name"}, {CAME_HARD, "no mailbox by that name"},
	{CAME_HARD, "unrouteable address"}, {CAME_HARD, "unknown local part"}, {CAME_HARD, "unknown local-part"}, {CAME_HARD, "unknown virtual user"},
	{CAME_HARD, "not a valid mailbox"}, {CAME_HARD, "not a valid user"}, {CAME_HARD, "invalid recipient"}, {CAME_HARD, "invalid mailbox"},
	{CAME_HARD, "invalid address"}, {CAME_HARD, "bad destination mailbox"}, {CAME_HARD, "mailbox unavailable"}, {CAME_HARD, "mailbox unknown"},
	{CAME_HARD, "mailbox disabled"}, {CAME_HARD, "mailbox is disabled"}, {CAME_HARD, "mailbox is inactive"}, {CAME_HARD, "account has been disabled"},
	{CAME_HARD, "account is disabled"}, {CAME_HARD, "account disabled"}, {CAME_HARD, "account that you tried to reach is inactive"},
	{CAME_HARD, "account inactive"}, {CAME_HARD, "user is inactive"}, {CAME_HARD, "address no longer"}, {CAME_HARD, "no longer valid"},
	{CAME_HARD, "no longer available"}, {CAME_HARD, "no longer in use"}, {CAME_HARD, "not listed in"}, {CAME_HARD, "unknown address"},
	{CAME_HARD, "address unknown"}, {CAME_HARD, "unknown in"}, {CAME_HARD, "host or domain name not found"}, {CAME_HARD, "domain not found"},
	{CAME_HARD, "does not accept mail (nullmx)"}, {CAME_HARD, "nullmx"}, {CAME_HARD, "unbekannter empf"}, {CAME_HARD, "adressat unbekannt"},
	{CAME_HARD, "benutzer unbekannt"}, {CAME_HARD, "existiert nicht"}, {CAME_HARD, "utilisateur inconnu"}, {CAME_HARD, "destinataire inconnu"},
	{CAME_HARD, "n'existe pas"}, {CAME_HARD, "usuario desconocido"}, {CAME_HARD, "no existe"}, {CAME_HARD, "utente sconosciuto"},
	{CAME_HARD, "non esiste"}, {CAME_HARD, "onbekende gebruiker"}, {CAME_HARD, "bestaat niet"},
};

/* By class, subject, detail; the longest prefix that fits. */
static const struct words codes[] = {
	{CAME_HARD, "5.1.10"}, {CAME_REFUSED, "5.1.7"}, {CAME_REFUSED, "5.1.8"}, {CAME_HARD, "5.1.0"}, {CAME_HARD, "5.1.1"}, {CAME_HARD, "5.1.2"},
	{CAME_HARD, "5.1.3"}, {CAME_HARD, "5.1.6"}, {CAME_HARD, "5.2.1"}, {CAME_SOFT, "5.2.2"}, {CAME_REFUSED, "5.2.3"}, {CAME_SOFT, "5.2."},
	{CAME_REFUSED, "5.3.4"}, {CAME_HARD, "5.4.1"}, {CAME_HARD, "5.4.310"}, {CAME_SOFT, "5.4."}, {CAME_REFUSED, "5.5."}, {CAME_REFUSED, "5.6."},
	{CAME_REFUSED, "5.7."}, {CAME_REFUSED, "4.7."}, {CAME_SOFT, "4."},
};

static enum came_kind by_code(const char *code)
{
	enum came_kind best = CAME_NOTHING;
	size_t longest = 0;
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		size_t n = strlen(codes[i].text);
		if (n > longest && strncmp(code, codes[i].text, n) == 0 && (codes[i].text[n - 1] == '.' || code[n] == '\0')) { /* 5.1.1 is not 5.1.10 */
			best = codes[i].kind;
			longest = n;
		}
	}
	return best;
}

static enum came_kind by_words(const char *text)
{
	char *low = g_ascii_strdown(text, -1);
	enum came_kind kind = CAME_NOTHING;
	for (size_t i = 0; !kind && i < sizeof words / sizeof *words; i++)
		if (strstr(low, words[i].text))
			kind = words[i].kind;
	g_free(low);
	return kind;
}

enum came_kind came_verdict(const char *code, const char *text)
{
	enum came_kind said = by_words(text ? text : ""), coded = by_code(code);
	if (code[0] == '4' && said != CAME_REFUSED) /* given up after days: it may be well again */
		return CAME_SOFT;
	if (strncmp(code, "5.1.1", 6) == 0 && said == CAME_REFUSED) /* "user unknown (see our spam policy)" */
		return CAME_HARD;
	return said ? said : coded;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* d.d{1,3}.d{1,3}, with nothing of a number or a name around it: no part of an address of a host. */
static size_t code_at(const char *p)
{
	size_t n = 1, digits;
	if ((*p != '2' && *p != '4' && *p != '5') || p[1] != '.')
		return 0;
	for (int part = 0; part < 2; part++) {
		n++; /* the dot */
		for (digits = 0; is_digit(p[n]); n++)
			digits++;
		if (digits < 1 || digits > 3 || (part == 0 && p[n] != '.'))
			return 0;
	}
	return p[n] == '.' && is_digit(p[n + 1]) ? 0 : n;
}

bool came_find_code(const char *text, char code[16])
{
	for (const char *p = text; *p; p++) {
		if (p > text && (is_digit(p[-1]) || p[-1] == '.' || g_ascii_isalpha(p[-1])))
			continue;
		size_t n = code_at(p);
		if (!n || n > 12)
			continue;
		snprintf(code, 16, "%.*s", (int)n, p);
		return true;
	}
	return false;
}
