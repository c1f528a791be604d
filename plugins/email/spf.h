/* SPF (RFC 7208) as far as a sender asks it of its own domain: is there one record, how many questions does it cost, does it let this address pass? Called by domain.c. */
#ifndef NURTURE_EMAIL_SPF_H
#define NURTURE_EMAIL_SPF_H

#include "dns.h"

enum spf_result { SPF_PASS, SPF_FAIL, SPF_SOFTFAIL, SPF_NEUTRAL, SPF_NONE, SPF_BROKEN, SPF_UNREACHABLE };

struct spf {
	char *record;     /* of the domain itself; NULL = none */
	unsigned lookups; /* mechanisms that ask the DNS: ten at most (4.6.4) */
	char why[300];    /* of SPF_BROKEN */
};

/* address: 4 or 16 bytes; size 0: what the record says of anybody. spf_fini in any case. */
enum spf_result spf_check(struct dns *dns, const char *domain, const unsigned char *address, size_t size, struct spf *out);
void spf_fini(struct spf *spf);

#endif
