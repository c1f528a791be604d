/* Opens and clicks on their way to the database, in groups. */
#ifndef NURTURE_WEB_HITS_H
#define NURTURE_WEB_HITS_H

#include "store/hits.h"
#include "web/context.h"

struct web_hits *web_hits_new(struct web *web);
void web_hits_free(struct web_hits *hits); /* takes NULL; what was not written is lost */
/* Takes a copy; written within a fraction of a second. `at` is filled in. */
void web_hits_add(struct web_hits *hits, const struct hit *hit);
/* Now and then: clicks that are old enough are settled. */
void web_hits_tick(struct web_hits *hits);
/* Calls fn, at once or later, when all that was added is written, or the database does not take it within five seconds. */
void web_hits_drain(struct web_hits *hits, void (*fn)(struct web *web));

/* ---- follow.c ---- */

/* Somebody came by a link of a contact (token: touch, lead, number and count of the links), which leads to url. It is kept once for a visit, and flagged where no person
 * seems to have come (machine.c). A reader without a cookie is given one, where the playbook asks for no consent: the value of Set-Cookie, "" = none. */
struct str web_click_keep(struct web_request *req, const struct token *token, struct str url);

/* ---- machine.c ---- */

/* Why no person made this request: "HEAD", "prefetch", "user agent" (a scanner, a proxy or a program, by its own words), "network", and of a picture
 * "proxy" (web/networks.h). NULL = nothing says so. */
const char *web_machine_why(const struct web_request *req, bool picture);
bool web_value_is_ahead(struct str value); /* of Sec-Purpose, Purpose, X-Purpose, X-Moz: fetched before anybody asked for it */
bool web_agent_is_machine(struct str user_agent);

#endif
