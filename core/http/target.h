/* The target of a request: path, decoded parts of it, query. Pure but for the arena. Called by request.c, forms and tests. */
#ifndef NURTURE_HTTP_TARGET_H
#define NURTURE_HTTP_TARGET_H

#include "http/http.h"

enum { TARGET_SEGMENTS = 32, TARGET_PARAMS = 200 };

struct target {
	struct str path;       /* as it came */
	struct str query_text; /* as it came, without "?" */
	struct str *segments;
	size_t count;
	struct http_params query;
};

/* false: answer 400 with *why. The slices point into text or the arena. */
bool target_parse(struct arena *arena, struct str text, struct target *out, const char **why);
/* a=1&b=two+words, as in a query or an urlencoded body. false: *why, and *where the name of the field as far as it is known. */
bool target_params(struct arena *arena, struct str text, struct http_params *out, const char **why, struct str *where);

#endif
