/* Whom somebody names on the telephone: "who else is involved?" */
#ifndef TELEMARKETING_PEOPLE_H
#define TELEMARKETING_PEOPLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* A text of names, or a list of names and of people with fields. false: what is wrong with it, and with whom, as the end of a sentence that begins with the question. */
bool people_fit(const json_t *value, char *wrong, size_t room);
/* A person of such a list, as fields of a lead. New reference. */
json_t *people_fields(const json_t *person);

#endif
