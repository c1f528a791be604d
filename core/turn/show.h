/* A message as a lead would get it, for somebody who wants to see it first: a real lead as the store loaded it, or an invented one after the turn that takes it
 * in. Called by `nurture email`, `nurture mail preview` and POST /v1/playbook/email, which read the same JSON. Nothing is planned, written or sent, and the gate is not asked: one may look at
 * what may not be sent. */
#ifndef NURTURE_TURN_SHOW_H
#define NURTURE_TURN_SHOW_H

#include "turn/message.h"
#include "turn/simulate.h"

struct show_ask {
	struct str kind, template_name;
	struct simulate_ask lead;        /* of it: known, fields and account_fields, now */
	struct str data;                 /* JSON object, as a touch has it, or "" */
	const char *public_url, *postal_address;
};
struct shown {
	struct touch touch;
	struct message message;
};

/* Reads {"kind"?: "email" | "letter", "template": NAME, "fields"?: {field: value, "account": {…}}, "data"?: {…}}; "lead" is the caller's. Unknown names are said, with the nearest. known, now
 * and the texts of the server are left for the caller. Borrows from json and playbook. */
int turn_show_read(struct playbook *playbook, json_t *json, struct arena *arena, struct show_ask *out, struct error *error) MUST_USE;
/* The first step that uses the template gives campaign, step, purpose and what is offered; where none does it is marketing. -1: no address, or what playbook_render says. */
int turn_show(struct playbook *playbook, const struct show_ask *ask, struct arena *arena, struct shown *out, struct error *error) MUST_USE;

#endif
