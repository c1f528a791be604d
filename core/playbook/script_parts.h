/* What script.c (running files), script_words.c (words as values), script_read.c (braces to details) and call.c
 * (functions at run time) share. */
#ifndef NURTURE_PLAYBOOK_SCRIPT_PARTS_H
#define NURTURE_PLAYBOOK_SCRIPT_PARTS_H

#include "playbook/sandbox.h"
#include "playbook/script.h"
#include "playbook/typing.h"

#include <lauxlib.h>

struct script_file {
	const char *path;
	struct str bytes;
	bool good; /* it passed the checks before loading */
	/* By line, from 0: how many tokens, and how many of them that can go round (loops, labels, functions), stand up to its end. */
	const int *tokens, *rounds;
	int lines;
	bool names_env; /* it names _ENV: then nothing is known of what its functions reach */
};

struct scripts {
	struct sandbox *sandbox;
	struct arena *arena;
	struct problems *problems; /* NULL when files run again after a spoiled state */
	mono_t (*now)(void);
	const struct bell *bell;
	struct script_file *files;
	size_t file_count;
	const char *current; /* path of the file that runs */
	const char
		*about; /* the word that the next problem is about: finds its place among the line's braces; or NULL */
	struct phrase **phrases; /* every one that was made */
	size_t phrase_count, phrase_room;
	struct phrase **top;
	size_t top_count;
	struct script_function *functions;
	size_t function_count, function_room;
	size_t functions_seen; /* by this run of the files */
	struct uses uses;
	/* while a function of marketing's runs (call.c) */
	bool calling;
	const struct playbook *playbook;
	const struct playbook_view *view;
	char empty_field[80]; /* the last field that was empty when it was asked */
	bool empty_of_account;
	bool derived; /* it looked at what rules decide */
};

struct scripts *script_of(lua_State *lua);
struct place script_place(lua_State *lua, const struct scripts *scripts);
void script_problem(lua_State *lua, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
struct phrase *script_phrase(lua_State *lua, int index);   /* NULL when it is none */
const struct word *script_word(lua_State *lua, int index); /* NULL when it is none */
void script_push_broken(lua_State *lua);
bool phrase_is_broken(const struct phrase *phrase);
/* false, and told: 0/0 or an endless number, with which nothing can be counted or compared. */
bool script_is_number(lua_State *lua, double number);
/* Reads the table at index; marks the phrases in it as placed. */
void script_read_details(lua_State *lua, int index, struct details *out, int depth);
void script_open_words(lua_State *lua);         /* the metatables of words and phrases */
void script_push_env(struct scripts *scripts);  /* an environment for one file: the sandbox's words and ours */
int script_make_state(struct scripts *scripts); /* a fresh sandbox with the words in it */
void script_run_files(struct scripts *scripts);
/* straight.c: counts a file's lines; says whether the function on top of the stack is over by itself. */
void script_count_lines(struct script_file *file, const struct lexed_file *tokens, struct arena *arena);
bool script_is_straight(lua_State *lua, const struct scripts *scripts, const struct script_function *function);

/* call.c: what a word called inside a function gives: go, wait, leave. */
int script_answer(lua_State *lua, const struct word *word);
void script_open_calls(lua_State *lua);
/* call_errors.c: an error of the call that runs, in marketing's words. */
void script_translate(const struct scripts *scripts, int handle, struct error *error);

#endif
