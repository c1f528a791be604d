/* The cookie `nv`: which browser this is. Its value is a sealed token (base/token.h, TOKEN_VISITOR) around a random number of 128 bits; in the
 * database that number, in hex, is the value of an identity of kind "cookie". */
#ifndef NURTURE_WEB_VISITOR_H
#define NURTURE_WEB_VISITOR_H

#include "web/context.h"

enum { VISITOR_HEX = 33 }; /* with NUL */

struct visitor {
	char hex[VISITOR_HEX]; /* "" = none */
};
static inline struct str visitor_str(const struct visitor *visitor) /* lives as long as *visitor */
{
	return str_of(visitor->hex);
}

/* The same without a request: who the value of a Cookie header says; the value of a Set-Cookie header, in arena. */
bool web_visitor_find(const struct token_keys *keys, struct str cookies, struct visitor *out);
struct str web_visitor_write(const struct token_keys *keys, const struct visitor *visitor, bool https, struct arena *arena);
/* Who the value of a cookie says; false when it is none of ours. */
bool web_visitor_token(const struct token_keys *keys, struct str text, struct visitor *out);
/* Who the request's cookie says. false, and *out "", when there is none that this installation made: a forged, cut or foreign one is as
 * good as none, never an error. */
bool web_visitor_read(const struct web_request *req, struct visitor *out);
/* A visitor whom nobody has seen. */
void web_visitor_new(struct visitor *out);
/* The value of the Set-Cookie header that gives it to the browser, in the request's arena: for 13 months, on this host alone, out of reach of
 * scripts (HttpOnly), not sent from other sites' pages but by following a link (SameSite=Lax), Secure when public_url is https. Empty (n = 0)
 * while the keys are not known. A browser that sent a cookie is given none again: its time is not drawn out. */
struct str web_visitor_cookie(const struct web_request *req, const struct visitor *visitor);
/* The value of the Set-Cookie header that takes it back. */
struct str web_visitor_forget(const struct web_request *req);
/* The playbook asks for consent before a cookie is given: consent "cookie", as it holds where the country is not known. Without a playbook: yes. */
bool web_visitor_asks(const struct web *web);
/* The browser asks not to be followed: Sec-GPC: 1 (https://w3c.github.io/gpc/). No cookie is given then, and none is read. */
bool web_visitor_refuses(const struct web_request *req);

#endif
