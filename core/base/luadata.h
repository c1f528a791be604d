/* Lua as a way to write data: no libraries, no functions but those that the reader adds, a bound on instructions and on
 * memory. nurture.conf and import maps are read so; marketing's scripts have a sandbox of their own (room playbook). */
#ifndef NURTURE_BASE_LUADATA_H
#define NURTURE_BASE_LUADATA_H

#include "base/error.h"
#include "base/str.h"

#include <jansson.h>
#include <stddef.h>

struct lua_State;
struct luadata;

enum { LUADATA_FILE_MAX = 1024 * 1024 };

/* `path` names the text in errors. arg: whatever the reader's functions need, see luadata_arg. */
struct luadata *luadata_new(const char *path, void *arg);
void luadata_free(struct luadata *data); /* takes NULL */
struct lua_State *luadata_state(struct luadata *data);
void *luadata_arg(struct lua_State *L);
/* Runs text with the table on top of the stack as its globals (taken off); `results` values are left on the stack. */
int luadata_run(struct luadata *data, struct str text, int results, struct error *error) MUST_USE;
/* For C functions called by the text: ends the run with an error at `line` (0 = the line that runs now). */
int luadata_refuse(struct lua_State *L, int line, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int luadata_line(struct lua_State *L);
/* The value at `index` as JSON (new reference): texts, numbers, true/false, tables (1..n = array, else object with text keys). NULL
 * with *why pointing to a constant sentence when it is something else or nests deeper than 16. */
json_t *luadata_json(struct lua_State *L, int index, const char **why);

/* Reads a regular file of at most LUADATA_FILE_MAX bytes; caller frees. */
char *luadata_read(const char *path, size_t *size, struct error *error) MUST_USE;
/* A file that is one `return { … }`: its value as JSON (new reference). lines (may be NULL): see luadata_lines; NULL when the file is wrong. */
json_t *luadata_file(const char *path, json_t **lines, struct error *error) MUST_USE;
/* The line on which each name of a text of data stands: {"fields": 3, "fields.city": 5}. New reference. */
json_t *luadata_lines(struct str text);

#endif
