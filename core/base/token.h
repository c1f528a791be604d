/* Tokens in links: libsodium AEAD (XChaCha20-Poly1305) over (key id, purpose, id, link number, and for a click the address), base64url
 * without padding. Made by delivery, read by web; keys are in the database. Old keys verify for ever (DESIGN section 5). */
#ifndef NURTURE_BASE_TOKEN_H
#define NURTURE_BASE_TOKEN_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TOKEN_KEY = 32, TOKEN_TEXT = 96, TOKEN_URL = 1500 /* bytes of an address */, TOKEN_LINK_TEXT = 2100 };

enum token_purpose {
	TOKEN_OPEN = 1, TOKEN_CLICK = 2, TOKEN_UNSUBSCRIBE = 3, TOKEN_DOWNLOAD = 4,
	TOKEN_VISITOR = 5,  /* touch_id, lead_id: the halves of a number of 128 bits */
	TOKEN_IDENTIFY = 6, /* lead_id: a page may say that its reader is this lead; touch_id = when it was given (µs), link = the same in minutes */
	TOKEN_CONFIRM = 7,  /* lead_id: may say that a permission given for it was meant */
	TOKEN_REFER = 8,    /* lead_id: may name a colleague */
	TOKEN_GIVEN = 10,   /* lead_id, link: as TOKEN_DOWNLOAD, for whom somebody typed into a form: opens the asset, proves nothing */
	TOKEN_CLAIM = 11,   /* lead_id: as TOKEN_REFER, from there: may name a colleague, but not in that lead's name */
	TOKEN_FORM = 9,     /* one form as it was shown: touch_id = a random number, lead_id = when, link = which form with which words */
};

struct token_key {
	uint32_t id;
	unsigned char secret[TOKEN_KEY];
};
struct token_keys {
	const struct token_key *keys; /* the last one signs */
	size_t count;
};
struct token {
	enum token_purpose purpose;
	int64_t touch_id; /* 0 = none */
	int64_t lead_id;
	uint32_t link;    /* number of the link in the touch; 0 where there is none */
};

void token_key_random(unsigned char secret[TOKEN_KEY]);
/* Writes the token's text, ended by NUL; the same input gives the same text, so links of a repeated mail stay the same. */
void token_write(const struct token_keys *keys, const struct token *token, char out[TOKEN_TEXT]);
/* The links of one mail, each with the address that a click goes to sealed in: it works for ever, whatever becomes of template, revision and touch, and
 * to find where it goes asks nobody. `token` says purpose, touch and lead; link becomes count << 16 | i of each. out[i] has room for token_link_length(urls[i].n) and NUL; no
 * address is longer than TOKEN_URL. The same links give the same texts. */
void token_links_write(const struct token_keys *keys, const struct token *token, const struct str *urls, size_t count, char *const *out);
/* Of the text of a link (at most TOKEN_LINK_TEXT), without NUL; 0 when the address is longer than TOKEN_URL. */
size_t token_link_length(size_t url);
/* As token_read; *url is put into out, which has room for TOKEN_URL + 1, ended by NUL. */
bool token_link_read(const struct token_keys *keys, struct str text, enum token_purpose purpose, struct token *token, char *out, struct str *url);
/* false for anything that is not exactly a token of ours with that purpose; takes the same time whatever is wrong. */
bool token_read(const struct token_keys *keys, struct str text, enum token_purpose purpose, struct token *out);

#endif
