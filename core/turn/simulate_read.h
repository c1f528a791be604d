/* What the files that read a simulation's question share. Private to them and to show.c, which asks for a lead in the same words. */
#ifndef NURTURE_TURN_SIMULATE_READ_H
#define NURTURE_TURN_SIMULATE_READ_H

#include "turn/simulate.h"

struct reading {
	struct playbook *playbook;
	struct arena *arena;
	struct simulate_ask *out;
	struct error *error;
};

struct names { /* to be near to */
	const char **items;
	size_t count;
};

struct names simulate_names(struct reading *r);
void simulate_name(struct names *names, const char *name);
/* "WHAT "name". Did you mean "y"? There are: a, b." */
int simulate_unknown(struct reading *r, const char *field, const char *what, struct str name, const struct names *names);
/* A field by its name; a text is read as it would be typed. */
int simulate_field(struct reading *r, const struct field *fields, size_t count, const char *name, json_t *value, struct field_value *out);
/* "fields" into out->fields and out->account_fields. */
int simulate_lead(struct reading *r, json_t *json);
int simulate_events(struct reading *r, json_t *json);

#endif
