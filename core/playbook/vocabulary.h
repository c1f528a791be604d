/* The words of the playbook (PLAYBOOK section 1): one row each, in vocabulary.c. What a word may be called with, what
 * may stand in its braces, and what each property is. To add a word is to add a row and the code that reads it. */
#ifndef NURTURE_PLAYBOOK_VOCABULARY_H
#define NURTURE_PLAYBOOK_VOCABULARY_H

#include "base/str.h"

/* What a phrase can be where it stands. */
enum word_role {
	ROLE_DECLARATION = 1 << 0, /* stands at the top of a file */
	ROLE_RULE = 1 << 1,
	ROLE_BAND = 1 << 2,
	ROLE_STEP = 1 << 3,
	ROLE_TIMING = 1 << 4,
	ROLE_CONDITION = 1 << 5,
	ROLE_ACT = 1 << 6,
	ROLE_VALUE = 1 << 7,
	ROLE_STORY = 1 << 8,
	ROLE_QUESTION = 1 << 11,   /* of a form or a script */
	ROLE_RESULT = 1 << 12,     /* of a script */
	ROLE_GIVE = 1 << 13,       /* of a route */
	/* only among what may stand in braces */
	PART_FUNCTION = 1 << 9,
	PART_TEXT = 1 << 10,
};

enum word_form {
	FORM_NAME = 1 << 0,    /* word "name" */
	FORM_BRACES = 1 << 1,  /* word { … } */
	FORM_NUMBER = 1 << 2,  /* word(3) */
	FORM_NUMBERS = 1 << 3, /* word(3, 5) */
	FORM_BARE = 1 << 4,    /* word */
	FORM_DETAILS = 1 << 5, /* word "name" { … } */
	FORM_TEXTS = 1 << 6,   /* word("text", "text") */
};

enum property_type {
	PROPERTY_TEXT,
	PROPERTY_TEXTS, /* a text or a list of texts */
	PROPERTY_NUMBER,
	PROPERTY_YES,
	PROPERTY_LENGTH, /* a text that is a length of time */
	PROPERTY_CONDITION,
	PROPERTY_TABLE, /* braces with keys */
	PROPERTY_ANY,   /* the reader of the word looks at it */
};

struct property {
	const char *name; /* NULL ends the list */
	enum property_type type;
};

struct word {
	const char *name; /* NULL ends the table */
	unsigned roles, forms;
	unsigned parts;                    /* roles of what may stand in its braces */
	const struct property *properties; /* NULL: any key (fields, models, choices) */
};

extern const struct word vocabulary[];
const struct word *vocabulary_find(struct str name); /* NULL when there is none */
const char *vocabulary_nearest(struct str name);     /* or NULL */
bool vocabulary_is_property(struct str name);        /* of some word */
const struct property *word_property(const struct word *word, struct str name);

#endif
