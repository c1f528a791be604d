/* A few questions to the DNS, waited for: of a command, never of a channel. Over libresolv. */
#ifndef NURTURE_EMAIL_DNS_H
#define NURTURE_EMAIL_DNS_H

#include <glib.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdbool.h>

enum dns_answer { DNS_FOUND, DNS_NONE, DNS_FAILED };

struct dns {
	struct __res_state state;
	unsigned asked; /* questions so far */
};

/* server: "ADDRESS[:PORT]", IPv4; NULL = the machine's. false: it is none. */
bool dns_init(struct dns *dns, const char *server);
void dns_fini(struct dns *dns);

/* Texts (char *, each whole) of the TXT records of a name that begin with prefix, in any case, into an array that the caller frees with its elements. */
enum dns_answer dns_texts(struct dns *dns, const char *name, const char *prefix, GPtrArray **out);
/* Does a name have this address (of 4 or 16 bytes), within so many bits? */
bool dns_has_address(struct dns *dns, const char *name, const unsigned char *address, size_t size, unsigned bits);
/* Names of its mail exchangers (char *). */
enum dns_answer dns_exchangers(struct dns *dns, const char *name, GPtrArray **out);

#endif
