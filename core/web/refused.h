/* Events of a body that are not taken, by number: /v1/events and /b. */
#ifndef NURTURE_WEB_REFUSED_H
#define NURTURE_WEB_REFUSED_H

#include "web/context.h"

struct refused {
	json_t *errors; /* [{line, field, detail}], of the first hundred lines, in their order; NULL = none */
	size_t count;
};
void refused_add(struct refused *refused, size_t line, const struct error *error);
/* To an answer that tells what was kept. Nothing when none was refused. */
void refused_tell(const struct refused *refused, json_t *reply);
/* Nothing was kept: a problem with the first of them, and, where many came (`array`), with all. Ends the request. */
void refused_reply(const struct refused *refused, struct web_request *req, bool array);
void refused_fini(struct refused *refused);

#endif
