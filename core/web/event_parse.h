/* One event of POST /v1/events, checked. */
#ifndef NURTURE_WEB_EVENT_PARSE_H
#define NURTURE_WEB_EVENT_PARSE_H

#include "web/context.h"

/* Fills *out from json (texts into arena). scope: of the token; what sales say wants SCOPE_WRITE. now: domain time, for `at`. where of the error
 * names the field. */
int web_event_parse(const struct web *web, enum web_scope scope, json_t *json, moment_t now, struct arena *arena, struct intake_event *out,
		    struct error *error) MUST_USE;
/* The same for a page of the web, which names nobody and no moment, and may not say everything; who it is comes from the cookie. */
int web_act_parse(const struct web *web, json_t *json, moment_t now, struct arena *arena, struct intake_event *out, struct error *error) MUST_USE;
/* Fields of a lead, side by side: {"email": …, "need": …} → *out gets who it is and `data` = {"set": {…}} for a lead.update event.
 * is_known: the lead is known by its id; else its number names it when nothing else does. */
int web_lead_parse(const struct web *web, json_t *json, bool is_known, struct arena *arena, struct intake_event *out, struct error *error) MUST_USE;
/* A number that must be an id of ours. */
int web_id_parse(json_t *json, const char *field, int64_t *out, struct error *error) MUST_USE;

#endif
