/* Liquid, inside the room: scanning a template, compiling its tags to Lua, and what the Lua calls when it runs. Used by
 * template*.c only.
 *
 *   source ─scan→ tokens ─compile→ Lua text + literals ─sandbox_load→ function ─run→ bytes
 *
 * The Lua text holds none of the template's own text: literals stay in C and are named by number, so a template costs
 * little in the Lua state and loads fast. Every loop of the Lua calls step(), which charges: the state needs no count
 * hook. */
#ifndef NURTURE_PLAYBOOK_LIQUID_H
#define NURTURE_PLAYBOOK_LIQUID_H

#include "base/buf.h"
#include "playbook/sandbox.h"
#include "playbook/template.h"

#include <lauxlib.h>
#include <lua.h>

/* ---- scanning (liquid_scan.c) ---- */

enum liquid_kind { LIQUID_TEXT, LIQUID_OUTPUT, LIQUID_TAG };
struct liquid_token {
	enum liquid_kind kind;
	int line;
	struct str text; /* TEXT: as it stands, white space trimmed as the tags around it ask; else what stands between
			    the braces, trimmed */
	struct str word; /* TAG: its first word */
};
struct liquid_tokens {
	struct liquid_token *items;
	size_t count, room;
};

/* What a problem is said about. problems NULL: only counted. */
struct liquid_site {
	const struct playbook *playbook;
	const char *file;
	const char *context; /* `template "welcome"` */
	struct problems *problems;
	size_t errors;
	bool page; /* anybody may open it: it names nothing of a lead, and may hold forms */
	bool letter;
};
/* What can be rendered, and is refused at a publish (playbook.h, PROBLEM_JUDGED). */
void liquid_judge(struct liquid_site *site, int line, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void liquid_problem(struct liquid_site *site, int line, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Cuts source, whose first line is `line`, into tokens; comments are left out, raw becomes text. Texts point into
 * source. */
void liquid_scan(struct liquid_site *site, struct str source, int line, struct arena *arena, struct liquid_tokens *out);

/* ---- compiling (liquid_compile.c, liquid_tags.c, liquid_expr.c, liquid_names.c) ---- */

/* Lua text of one field, and the bytes it names. Lives in the arena. */
struct liquid_code {
	struct str lua;
	const struct str *literals;
	size_t literal_count;
	const int *lines; /* template line of each line of the Lua text, from 0 */
	size_t line_count;
};

/* Where an output stands: how its value is written. PROSE is text that never becomes HTML beside text that does (a
 * subject, the text part of a mail): there a last filter that only makes HTML (escape, newline_to_br) is left out. */
enum liquid_context { LIQUID_PLAIN, LIQUID_PROSE, LIQUID_HTML, LIQUID_URL };

enum { LIQUID_DEPTH = 24 };
struct liquid_block {
	const char *tag; /* "if", "unless", "case", "for", "capture" */
	int line;
	int id;
	bool has_else, has_when;
	struct str name; /* for: its variable; capture: what it sets */
	size_t visible;  /* loop variables before it */
};
struct liquid_variable {
	struct str name;
	int id;
};

struct liquid {
	struct liquid_site *site;
	struct arena *arena;
	int line; /* of the token that is compiled */
	struct buf lua, pending;
	size_t call;     /* where in lua the last line can be given the number of the literal behind it; 0 = it cannot */
	int *lines;
	size_t line_count, line_room;
	struct str *literals;
	size_t literal_count, literal_room;
	struct liquid_block blocks[LIQUID_DEPTH];
	size_t depth;
	struct liquid_variable loops[LIQUID_DEPTH]; /* loop variables in sight, innermost last */
	size_t loop_count;
	struct liquid_variable *assigned;
	size_t assigned_count, assigned_room;
	int next_id;
};

void liquid_begin(struct liquid *liquid, struct liquid_site *site, struct arena *arena);
/* Compiles what is left open as a problem, and gives the code; the compiler is done. */
void liquid_end(struct liquid *liquid, struct liquid_code *out);

void liquid_literal(struct liquid *liquid, struct str text);
/* Keeps a text that is not printed by itself, for a word that is given its number. */
size_t liquid_keep(struct liquid *liquid, struct str text);
/* One line of Lua of our own, after the literals so far. */
void liquid_emit(struct liquid *liquid, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same of a call that prints the literal behind it, too, when its number is the last argument (liquid_print.c): one call of C instead of two. */
void liquid_call(struct liquid *liquid, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void liquid_output(struct liquid *liquid, const struct liquid_token *token, enum liquid_context context);
/* The number of a name that is assigned from here on: its value is a[number]. */
int liquid_assigned(struct liquid *liquid, struct str name);
void liquid_tag(struct liquid *liquid, const struct liquid_token *token);
/* All of tokens in order, texts as literals (escaped for LIQUID_HTML). */
void liquid_all(struct liquid *liquid, const struct liquid_token *tokens, size_t count, enum liquid_context context);

/* The same of a document that is HTML already: texts as they stand, values escaped. */
void liquid_document(struct liquid *liquid, const struct liquid_token *tokens, size_t count);

/* Expressions, for liquid_tags.c. Each reads from the lexer and writes Lua; a problem is said and `nil` written when it
 * is wrong. */
enum liquid_lexeme { LEX_END, LEX_NAME, LEX_NUMBER, LEX_TEXT, LEX_MARK };
struct liquid_lexer {
	struct liquid *liquid;
	struct str rest;
	enum liquid_lexeme kind;
	struct str text; /* of the lexeme: TEXT without quotes; MARK: one of . [ ] ( ) .. , : | = == != <> < > <= >= */
	bool failed;     /* one problem a tag is enough */
};
void liquid_lex(struct liquid_lexer *lexer, struct liquid *liquid, struct str text);
void liquid_next(struct liquid_lexer *lexer);
bool liquid_take(struct liquid_lexer *lexer, const char *mark); /* a mark or a word; goes on if it is there */
void liquid_wrong(struct liquid_lexer *lexer, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void liquid_finish(struct liquid_lexer *lexer);                 /* nothing may be left */
void liquid_value(struct liquid_lexer *lexer, struct buf *out); /* a literal or a variable */
void liquid_filtered(struct liquid_lexer *lexer, struct buf *out, struct str *last_filter); /* value | filter … */
void liquid_condition(struct liquid_lexer *lexer, struct buf *out);                         /* with and, or */
void liquid_lua_text(struct buf *out, struct str text);                                     /* a Lua string literal */

struct liquid_segment {  /* one step of a path: .name, ["name"], [expression] */
	struct str name; /* p NULL: lua */
	const char *lua;
};
/* Writes the Lua of root.segment.segment…; says what is unknown, with the nearest name. */
void liquid_name(struct liquid_lexer *lexer, struct str root, const struct liquid_segment *segments, size_t count,
		 struct buf *out);

/* ---- running (liquid_run.c, liquid_print.c, liquid_push.c, liquid_value.c, liquid_filter_*.c, liquid_write.c) ---- */

struct liquid_writer; /* liquid_write.c: lays out plain text */

/* Words of our own whose value the input gives: N(index). */
enum liquid_word {
	WORD_CAMPAIGN,
	WORD_STEP,
	WORD_STAGE,
	WORD_UNSUBSCRIBE_URL,
	WORD_POSTAL_ADDRESS,
	WORD_PUBLIC_URL,
	WORD_NOW,
	WORD_TODAY,
	WORD_DATA,
	WORD_PURPOSE,
	WORD_CONFIRM_URL,
	WORD_REFER_URL,
	WORD_REPLY_URL,
	WORD_REPLY_CODE
};

enum { LIQUID_OUTPUT_MOST = 4 * 1024 * 1024, LIQUID_MARKS = 16 };
/* One rendering of one field. The host pointer of the sandbox. */
struct liquid_run {
	const struct playbook *playbook;
	const struct template_input *input;
	const struct liquid_code *code;
	struct buf out;
	struct buf scratch;
	size_t marks[LIQUID_MARKS]; /* places in out: captures, paragraphs, addresses */
	size_t mark_count;
	bool used_postal, used_unsubscribe; /* the postal address was asked for, and that of unsubscribing */
	int data;     /* registry reference of the data table of this rendering; LUA_NOREF = not yet read */
	json_t *json; /* what data was read from; the renderer frees it */
	struct liquid_writer *writer;
};
/* The words that compiled templates call, into the sandbox's environment. */
void liquid_declare(struct sandbox *sandbox);
void liquid_print_behind(lua_State *lua, struct liquid_run *run, int argument); /* the literal whose number that is, if there is one */
bool liquid_replace_link(struct liquid_run *run, size_t from); /* out[from…] is the address of a link; false: it stays */
extern const luaL_Reg liquid_print_words[], liquid_push_words[], liquid_write_words[], liquid_table_words[]; /* each ends with name NULL */
extern const char *const liquid_offer_parts[]; /* what offer.NAME can be, by the number that O is called with; ends with NULL */

/* Values (liquid_value.c). */
void liquid_put_value(lua_State *lua, int index, struct buf *out); /* as {{ }} prints it, not escaped */
struct str liquid_to_text(lua_State *lua, int index); /* replaces the value at index by its text if need be */
bool liquid_is_blank(lua_State *lua, int index);
bool liquid_is_empty(lua_State *lua, int index);
bool liquid_is_list(lua_State *lua, int index);
void liquid_to_number(lua_State *lua, int index); /* replaces the value: texts are read, all else is 0 */
void liquid_push_field(lua_State *lua, const struct value *value, const char *zone);
void liquid_push_json(lua_State *lua, const json_t *json, int depth);
void liquid_push_member(lua_State *lua, int index, struct str key); /* value.key; size, first, last */
const char *liquid_zone(const struct liquid_run *run);              /* the lead's, else the playbook's */
/* `2027-03-18` when the moment is a whole UTC day (a date field), else local time with its offset. */
void liquid_put_moment(struct buf *out, moment_t moment, const char *zone);

/* Escaping (liquid_escape.c). */
void liquid_put_html(struct buf *out, struct str s);
void liquid_put_url_part(struct buf *out, struct str s, bool query); /* a value inside an address */
/* Makes out[from…] an address that may be opened: percent-encodes what an address cannot hold; one with a scheme other
 * than http, https, mailto, tel becomes "#". base is put before an address that begins with one slash; may be NULL. */
void liquid_finish_url(struct buf *out, size_t from, const char *base);

/* Filters: name in Liquid, C function called as f_NAME(value, …), how many values may follow. */
struct liquid_filter {
	const char *name;
	lua_CFunction call;
	int least, most;
};
extern const struct liquid_filter liquid_filters_text[], liquid_filters_escape[], liquid_filters_number[],
	liquid_filters_list[], liquid_filters_date[];
extern const struct liquid_filter *const liquid_filter_tables[]; /* NULL-ended; each table ends with name NULL */
const struct liquid_filter *liquid_filter_find(struct str name);

/* The layout of plain text (liquid_write.c). */
struct liquid_writer *liquid_writer_new(void);
void liquid_writer_free(struct liquid_writer *writer);
void liquid_writer_reset(struct liquid_writer *writer);

#endif
