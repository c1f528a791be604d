/* Between template.c (keeps and renders) and template_compile.c (reads a file) only. */
#ifndef NURTURE_PLAYBOOK_TEMPLATE_STORE_H
#define NURTURE_PLAYBOOK_TEMPLATE_STORE_H

#include "base/map.h"
#include "playbook/liquid.h"
#include "playbook/sandbox.h"

struct template_code { /* one field, compiled */
	const char *name;
	struct liquid_code code;
	int line;      /* where the field stands in the file */
	bool one_line; /* of the front matter */
	bool hidden;   /* rendered into the HTML, not a field of the result */
	int reference; /* in the registry of the Lua state `generation` */
	unsigned generation;
};

struct template_entry {
	const char *file;
	struct template_code *fields;
	size_t field_count;
	bool branches; /* who gets it decides what it says: if, case, for */
	const struct template_file **files;
	size_t file_count;
};

/* The files that go with the template that is compiled. */
enum { TEMPLATE_FILES_MOST = 20 };
struct template_bag {
	struct templates *templates;
	struct str kind;
	const struct template_file *items[TEMPLATE_FILES_MOST];
	size_t count, bytes;
};

struct templates {
	struct arena *arena;   /* what rendering needs */
	struct arena *scratch; /* of the template that is being compiled; NULL after loading */
	struct map *literals;  /* text → itself: the frame of a mail is kept once; NULL after loading */
	struct map *by_name;   /* "email/welcome" */
	const struct playbook_files *files;   /* these four only while loading */
	struct map *layouts;   /* path → struct template_layout */
	struct map *kept;      /* "i" or "a" and path → struct template_file */
	struct map *used;      /* path of files that some template takes along */
	struct sandbox *sandbox;
	unsigned generation; /* of the Lua state; 0 = none */
	mono_t (*now)(void);
	struct liquid_run run;
};

/* Compiles one file under templates/ and keeps it; problems are said. */
void template_compile(struct templates *templates, const struct playbook *playbook, const struct playbook_file *file,
		      const struct playbook_site *site, struct problems *problems);
void template_try(struct templates *templates, struct template_entry *entry, struct liquid_site *site);

#endif
