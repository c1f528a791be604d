/* DKIM signatures (RFC 6376; Ed25519: RFC 8463), relaxed/relaxed, for those whose relay does not sign. Called by message.c for each message, by settings_dkim.c for the
 * keys, by domain.c for the records in the DNS.
 *
 * The cryptography is OpenSSL's. Opendkim's library would bring the canonicalisation, but has had no release since 2018 and no Ed25519 in its stable one; what is left
 * to do beside OpenSSL are the hundred lines of dkim.c, and the tests verify them by two other programs.
 *
 * Signed are the fields that say who, what and how to stop: From, To, Reply-To, Subject, Date, Message-ID, MIME-Version, Content-Type, List-Unsubscribe and its -Post (RFC
 * 8058 wants those two signed), Feedback-ID, Auto-Submitted. Each is named once more than it stands there: none can be added on the way. No l=, as more could be put behind. */
#ifndef NURTURE_EMAIL_DKIM_H
#define NURTURE_EMAIL_DKIM_H

#include <glib.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>

enum { DKIM_KEYS = 4 };

struct dkim_key {
	char *domain, *selector; /* ASCII */
	EVP_PKEY *key;           /* NULL: the file may not be read by who asks (a check by somebody else); nothing can be sent then */
	bool ed25519;
};
struct dkim {
	struct dkim_key keys[DKIM_KEYS];
	size_t count;
};

/* Puts a DKIM-Signature for each key before the message (its header, an empty line, its body; lines end with newline). now: microseconds. false: OpenSSL refused, and the
 * message stays as it was. */
bool dkim_sign(const struct dkim *dkim, GString *message, const char *newline, int64_t now) __attribute__((warn_unused_result));

/* Reads a private key: RSA of 2048 to 4096 bits, or Ed25519, PEM, in a plain file that others can neither read nor change. -1: *why says what is wrong (256 bytes); 1: it may
 * not be read by this user; 0: *out is the caller's. */
int dkim_key_read(const char *path, EVP_PKEY **out, char why[256]) __attribute__((warn_unused_result));
/* A new one, written to path (which must not exist yet) with mode 0600. -1 with *why. */
int dkim_key_make(const char *path, bool ed25519, EVP_PKEY **out, char why[256]) __attribute__((warn_unused_result));
/* "v=DKIM1; k=rsa; p=…": what the DNS has to say at SELECTOR._domainkey.DOMAIN. The caller frees it. */
char *dkim_record(EVP_PKEY *key);
void dkim_fini(struct dkim *dkim); /* takes one of zeroes */

#endif
