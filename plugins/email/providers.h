/* Who runs the mailboxes of a domain, and which domains a pattern means. Pure.
 *
 * The table names the large providers by the domains of their own mailboxes. Companies whose own domain is kept by one of them are not known by name: a
 * setting may say so ("domains" takes patterns). */
#ifndef NURTURE_EMAIL_PROVIDERS_H
#define NURTURE_EMAIL_PROVIDERS_H

#include <stdbool.h>

enum { PROVIDERS_MAX = 16 };
/* Index of the provider of a domain (small letters); provider_count() - 1 = "other". */
unsigned provider_of(const char *domain);
const char *provider_name(unsigned provider);
unsigned provider_count(void);
bool provider_is_large(unsigned provider); /* not "other" */

/* "example.com": itself; "*.example.com": it and all below it; "outlook.*": under any ending; "google": a provider's name. */
bool domain_fits(const char *pattern, const char *domain);
const char *domain_pattern_problem(const char *pattern); /* NULL = it is one */

#endif
