/* One spelling for each e-mail address: trimmed, lower case, only what RFC 5321 allows without quotes (section 4.1.2
 * Dot-string, section 4.5.3.1 lengths), an international domain in its ASCII form (IDNA2008, RFC 5891), letters of any script before the @
 * composed (NFC; RFC 6531 3.3, RFC 6532 3.1). An address that passes here can stand in an SMTP command and a header as it is, where it is not ASCII
 * only by SMTPUTF8: the channel finds that out. */
#include "model/phone.h"
#include "model/suppress_value.h"
#include "model/value.h"

#include <idn2.h>
#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

enum { LOCAL_MAX = 64, ADDRESS_MAX = 254, LABEL_MAX = 63 };

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool local_is_dot_string(struct str local)
{
	bool dot = true; /* none at the start, none twice, none at the end */
	for (size_t i = 0; i < local.n; i++) {
		char c = local.p[i];
		if (c == '.') {
			if (dot)
				return false;
			dot = true;
		} else if ((unsigned char)c >= 0x80 || is_alnum(c) || (c && strchr("!#$%&'*+-/=?^_`{|}~", c))) {
			dot = false;
		} else {
			return false;
		}
	}
	return local.n > 0 && !dot;
}

static bool label_is_good(struct str label)
{
	if (label.n == 0 || label.n > LABEL_MAX || label.p[0] == '-' || label.p[label.n - 1] == '-')
		return false;
	for (size_t i = 0; i < label.n; i++)
		if (!is_alnum(label.p[i]) && label.p[i] != '-')
			return false;
	return true;
}

/* At least two labels, and the last is not a number. */
static bool domain_is_good(struct str domain)
{
	int labels = 0;
	struct str last = {0};
	for (struct str rest = domain; rest.p; labels++) {
		last = str_cut(&rest, '.');
		if (!label_is_good(last))
			return false;
	}
	return labels >= 2 && !(last.p[0] >= '0' && last.p[0] <= '9');
}

static bool is_ascii(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] >= 0x80)
			return false;
	return true;
}

static bool domain_ascii(struct str domain, struct arena *arena, struct str *out)
{
	char *ascii = NULL;
	*out = domain;
	if (is_ascii(domain))
		return true;
	if (idn2_lookup_u8((const uint8_t *)arena_dup_n(arena, domain.p, domain.n), (uint8_t **)&ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
		return false;
	*out = str_of(arena_dup(arena, ascii));
	free(ascii);
	return true;
}

/* Letters, marks, digits and symbols that are seen; no mark without what it stands on. */
static bool is_seen(const UChar *text, int32_t n)
{
	UChar32 c, before = '.';
	for (int32_t i = 0; i < n; before = c) {
		U16_NEXT(text, i, n, c);
		bool mark = U_GET_GC_MASK(c) & U_GC_M_MASK;
		if (c >= 0x80 && (!(U_GET_GC_MASK(c) & (U_GC_L_MASK | U_GC_M_MASK | U_GC_N_MASK | U_GC_S_MASK)) || u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) ||
				  (mark && before == '.')))
			return false;
	}
	return true;
}

/* Small and composed: "JO\u0308RG" and "jörg" are one. false: it has what no address may have. */
static bool local_small(struct str local, struct arena *arena, struct str *out)
{
	enum { ROOM = 4 * LOCAL_MAX };
	UChar wide[ROOM], small[ROOM], whole[ROOM];
	char text[3 * ROOM];
	int32_t n = 0, length = 0;
	UErrorCode status = U_ZERO_ERROR;
	if (is_ascii(local))
		return true;
	u_strFromUTF8(wide, ROOM, &n, local.p, (int32_t)local.n, &status);
	n = u_strToLower(small, ROOM, wide, n, "", &status);
	n = unorm2_normalize(unorm2_getNFCInstance(&status), small, n, whole, ROOM, &status);
	if (U_FAILURE(status) || !is_seen(whole, n))
		return false;
	u_strToUTF8(text, sizeof text, &length, whole, n, &status);
	*out = (struct str){arena_dup_n(arena, text, (size_t)length), (size_t)length};
	return U_SUCCESS(status);
}

static int refuse(struct str text, const char *why, struct error *error)
{
	return error_set(error, ERROR_INVALID, "email", "\"%.*s\" is not an e-mail address: %s",
			 text.n > 80 ? 80 : (int)text.n, text.n ? text.p : "", why);
}

int model_email_normalise(struct str text, struct arena *arena, struct str *out, struct error *error)
{
	struct str s = str_trim(text);
	if (!str_is_text(s))
		return error_set(error, ERROR_INVALID, "email",
				 "the e-mail address has characters that no address may have.");
	const char *at = s.n ? memrchr(s.p, '@', s.n) : NULL;
	if (!at)
		return refuse(s, "there is no @ in it.", error);
	struct str local = {s.p, (size_t)(at - s.p)}, domain = {at + 1, s.n - (size_t)(at - s.p) - 1};
	if (s.n > 4 * ADDRESS_MAX || local.n > LOCAL_MAX)
		return refuse(s, "it is too long.", error);
	if (!local_small(local, arena, &local))
		return refuse(s, "what stands before the @ has characters that no address may have.", error);
	if (local.n > LOCAL_MAX)
		return refuse(s, "it is too long.", error);
	if (!local_is_dot_string(local))
		return refuse(s, "what stands before the @ has characters that need quotes.", error);
	if (!domain_ascii(domain, arena, &domain) || !domain_is_good(domain))
		return refuse(s, "what stands after the @ is not a domain.", error);
	size_t n = local.n + 1 + domain.n;
	if (n > ADDRESS_MAX)
		return refuse(s, "it is too long.", error);
	char *copy = arena_printf(arena, "%.*s@%.*s", STR_ARG(local), STR_ARG(domain));
	for (size_t i = 0; i < n; i++)
		if (copy[i] >= 'A' && copy[i] <= 'Z')
			copy[i] = (char)(copy[i] + 32);
	*out = (struct str){copy, n};
	return 0;
}

const char *model_account_name(struct str text, struct arena *arena)
{
	struct str domain;
	struct error error;
	bool is_domain = text.n && memchr(text.p, '.', text.n) && suppress_value("domain", text, STR(""), arena, &domain, &error) == 0;
	return is_domain ? arena_dup_n(arena, domain.p, domain.n) : arena_dup_n(arena, text.p, text.n);
}

int model_account_set_slot(const struct schema *schema, const char *name, struct error *error)
{
	int slot = schema_account_slot(schema, str_of(name));
	if (slot == ACCOUNT_DOMAIN)
		return error_set(error, ERROR_INVALID, name, "the domain names the account and cannot be changed.");
	if (slot < 0)
		return error_set(error, ERROR_INVALID, name, "there is no field \"%s\" of accounts. They are declared in fields.lua with of = \"account\".", name);
	return slot;
}

const char *model_lead_name(struct str text, struct arena *arena)
{
	struct str address;
	char number[PHONE_MAX];
	if (text.n && text.p[0] == '+' && phone_international(text, number))
		return arena_dup(arena, number);
	bool is_address = text.n && memchr(text.p, '@', text.n) && model_email_normalise(text, arena, &address, NULL) == 0;
	return is_address ? arena_dup_n(arena, address.p, address.n) : arena_dup_n(arena, text.p, text.n);
}
