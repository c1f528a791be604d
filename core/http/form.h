/* Forms in a body. Pure but for the arena. form_parse chooses by the Content-Type; called through http_form. */
#ifndef NURTURE_HTTP_FORM_H
#define NURTURE_HTTP_FORM_H

#include "http/http.h"

enum { FORM_FIELDS = 200, FORM_NAME = 200, FORM_PART_HEAD = 2048 };

int form_parse(struct arena *arena, struct str content_type, struct str body, struct http_params *out, struct error *error) MUST_USE;
/* content_type is the whole header value, with its boundary (RFC 7578, RFC 2046 5.1). */
int multipart_parse(struct arena *arena, struct str content_type, struct str body, struct http_params *out, struct error *error) MUST_USE;
/* The value of a parameter of a header value, `; name=token` or `; name="quoted"`; p NULL = none, or written wrongly. */
struct str form_parameter(struct arena *arena, struct str header, const char *name);

#endif
