/* Running the files of a playbook: each in the sandbox, where every word of the vocabulary is a value made by us that
 * can be called. What the files say comes out as phrases, plain structs in an arena; their functions stay in the state
 * and are called by handle (call.c). */
#ifndef NURTURE_PLAYBOOK_SCRIPT_H
#define NURTURE_PLAYBOOK_SCRIPT_H

#include "playbook/playbook.h"
#include "playbook/sandbox.h"
#include "playbook/vocabulary.h"

#include <lua.h>

struct phrase;

enum detail_kind {
	DETAIL_TEXT,
	DETAIL_NUMBER,
	DETAIL_YES,
	DETAIL_TABLE,
	DETAIL_PHRASE,
	DETAIL_FUNCTION,
	DETAIL_WORD,   /* a word alone: known, empty, or one whose name was forgotten */
	DETAIL_BROKEN, /* a problem was told already: say nothing more about it */
};

/* One thing in braces: a part (key NULL) or a property. */
struct detail {
	const char *key;
	enum detail_kind kind;
	union {
		struct str text;
		double number;
		bool yes;
		struct details *table;
		struct phrase *phrase;
		int function; /* handle */
		const struct word *word;
	};
};
struct details {
	struct detail *parts;
	size_t part_count; /* in order */
	struct detail *properties;
	size_t property_count; /* by name */
	size_t depth, size;    /* of all that stands in them: both are bounded, so readers may recurse */
};

/* word "name" { details } */
struct phrase {
	const struct word *word;
	struct place at;
	const char *name; /* NULL = none */
	const char *second; /* of before, after: the asset or field; NULL = none */
	double numbers[2];
	size_t number_count;
	struct details details;
	bool braced; /* braces were there, even empty ones */
	bool open;   /* its braces are being read: it cannot stand in them itself */
	bool placed; /* stands in the braces of another */
};

struct script_function {
	int ref; /* in the registry */
	struct place at;
	int last_line;
	const char *owner; /* `rule "decides now"`: for messages 51 and 52; set when it is placed */
	enum sandbox_pace pace; /* straight, or quick when it is not to be counted by the two below */
	unsigned pause, paused; /* after a quick call that said nothing: so many are counted, so many of these are left */
	bool wants_event;       /* it has a second parameter */
	bool endless;           /* a call of it was ended: it is always counted */
};

struct scripts;

/* Runs every .lua file that is not under templates/. Problems go to *problems; what ran is there anyway. Of site (may be NULL) the clock
 * and the bell are kept. */
struct scripts *scripts_load(const struct playbook_files *files, const struct playbook_site *site, struct arena *arena,
			     struct problems *problems) MUST_USE;
void scripts_free(struct scripts *scripts); /* takes NULL */
/* Phrases that stand nowhere else, in order of files and lines: the declarations. */
struct phrase *const *scripts_phrases(const struct scripts *scripts, size_t *count);
struct script_function *scripts_function(struct scripts *scripts, int handle);
const struct use *scripts_uses(const struct scripts *scripts, size_t *count);
/* The names that functions use, as scope.c noted them, that stand in this function: from *at on; NULL at the end. */
const struct use *scripts_next_use(const struct scripts *scripts, int handle, size_t *at);

#endif
