/* The part of /u/{token} where topics and a frequency are chosen. */
#ifndef NURTURE_WEB_PREFERENCES_H
#define NURTURE_WEB_PREFERENCES_H

#include "base/buf.h"
#include "web/context.h"

/* Calls show with the form as the lead's choice stands, "" where the playbook has no topics, the lead gets no marketing mail or cannot be read. */
typedef void web_preferences_fn(struct web_request *req, struct str form);
void web_preferences_form(struct web_request *req, int64_t lead_id, web_preferences_fn *show);
/* Replies. Writes what is different from what stands, and nothing else. */
void web_preferences_take(struct web_request *req, const struct token *token, const struct http_params *params);
/* By the API: {"preferences": {"topics": {NAME: wanted}, "frequency": "all" | "week" | "month"}, "source", "wording"}: what is not named stays. Takes body; replies. */
void web_preferences_set(struct web_request *req, int64_t lead_id, json_t *body);

#endif
