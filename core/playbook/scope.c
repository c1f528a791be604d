/* The names inside `function … end` (PLAYBOOK decision 21). A typing slip there would be found weeks later, on the
 * first lead, so every name that is not a local must be one that functions may use; `lead.NAME` and `go "NAME"` are
 * noted for the check of names. Scoping is Lua's, but generous at its edges: a local counts from its declaration to the
 * end of its block. */
#include "playbook/typing.h"

#include "playbook/vocabulary.h"

enum role { ROLE_NONE, ROLE_LEAD, ROLE_EVENT };
enum { LOCALS_MAX = 200 }; /* Lua's own limit for a function */

struct local {
	struct local *next;
	struct str name;
	enum role role;
};

struct scope {
	const char *path;
	const struct nesting *nesting;
	const struct lexed *tokens;
	struct local **locals; /* by frame */
	size_t *local_counts;
	size_t next_frame; /* frames open in the order of their tokens */
	size_t skip_to;    /* tokens before this one are names being declared */
	struct arena *arena;
	struct uses *uses;
	struct problems *problems;
	size_t before;
};

#define SHOW(s) (s).n > 60 ? 60 : (int)(s).n, (s).p
#define SAY(s, i, ...)                                                                                                 \
	problems_add((s)->problems, PROBLEM_ERROR, (struct place){(s)->path, (s)->tokens[i].line},                     \
		     nesting_context((s)->nesting, i, (s)->arena), __VA_ARGS__)

/* What a function may name besides its locals: the sandbox's words and the three answers. */
static const char *const allowed[] = {"go",     "wait",  "leave", "type",   "tostring", "tonumber", "select",
				      "ipairs", "pairs", "error", "assert", "math",     "string",   "table"};
enum { ALLOWED = sizeof allowed / sizeof *allowed };

static void declare(struct scope *s, int frame, struct str name, enum role role)
{
	if (s->local_counts[frame]++ >= LOCALS_MAX)
		return;
	struct local *local = arena_alloc(s->arena, sizeof *local);
	*local = (struct local){s->locals[frame], name, role};
	s->locals[frame] = local;
}

static const struct local *find(const struct scope *s, size_t i, int *frame)
{
	for (*frame = s->nesting->of[i]; *frame >= 0; *frame = s->nesting->frames[*frame].parent)
		for (const struct local *local = s->locals[*frame]; local; local = local->next)
			if (str_same(local->name, s->tokens[i].text))
				return local;
	return NULL;
}

/* Names from token i on, separated by commas, into frame; returns the token after them. */
static size_t declare_names(struct scope *s, size_t i, int frame, bool roles)
{
	for (int n = 0;; n++) {
		if (s->tokens[i].kind != TOKEN_NAME)
			return i;
		declare(s, frame, s->tokens[i].text,
			roles && n == 0   ? ROLE_LEAD
			: roles && n == 1 ? ROLE_EVENT
					  : ROLE_NONE);
		i++;
		if (lexed_is(&s->tokens[i], "<")) /* local x <const> */
			i += 3;
		if (!lexed_is(&s->tokens[i], ","))
			return i;
		i++;
	}
}

/* `function (a, b)`, `function name(a, b)`: parameters belong to the frame that opens here. */
static void open_function(struct scope *s, size_t i, int frame)
{
	size_t at = i + 1;
	bool outermost = !s->nesting->frames[s->nesting->frames[frame].parent].in_function;
	while (s->tokens[at].kind == TOKEN_NAME || lexed_is(&s->tokens[at], ".") || lexed_is(&s->tokens[at], ":"))
		at++;
	if (lexed_is(&s->tokens[at], "("))
		s->skip_to = declare_names(s, at + 1, frame, outermost);
}

static void open_frames(struct scope *s, size_t i)
{
	while (s->next_frame < s->nesting->count && s->nesting->frames[s->next_frame].open == i) {
		if (s->nesting->frames[s->next_frame].kind == FRAME_FUNCTION)
			open_function(s, i, (int)s->next_frame);
		s->next_frame++;
	}
}

static void note(struct scope *s, enum use_kind kind, size_t i)
{
	struct use *use = arena_push(s->uses->arena, &s->uses->items, s->uses->count, &s->uses->room, sizeof *use);
	*use = (struct use){kind,
			    {s->path, s->tokens[i].line},
			    s->tokens[i].text,
			    nesting_context(s->nesting, i, s->uses->arena)};
	s->uses->count++;
}

static bool dot_name(const struct scope *s, size_t i)
{
	return lexed_is(&s->tokens[i], ".") && s->tokens[i + 1].kind == TOKEN_NAME;
}

/* lead.NAME, lead.score.MODEL, lead.account.NAME */
static void use_lead(struct scope *s, size_t i)
{
	if (!dot_name(s, i + 1))
		return;
	struct str name = s->tokens[i + 2].text;
	if (str_is(name, "id") || str_is(name, "stage"))
		return;
	bool score = str_is(name, "score"), account = str_is(name, "account");
	if (!score && !account)
		note(s, USE_LEAD_FIELD, i + 2);
	else if (dot_name(s, i + 3))
		note(s, score ? USE_SCORE : USE_ACCOUNT_FIELD, i + 4);
}

static void use_event(struct scope *s, size_t i)
{
	if (!dot_name(s, i + 1))
		return;
	struct str name = s->tokens[i + 2].text;
	if (!str_is(name, "verb") && !str_is(name, "subject") && !str_is(name, "value"))
		SAY(s, i, "an event has no \"%.*s\". It has verb, subject and value.", SHOW(name));
}

static void use_go(struct scope *s, size_t i)
{
	size_t at = lexed_is(&s->tokens[i + 1], "(") ? i + 2 : i + 1;
	bool ends = at == i + 1 || lexed_is(&s->tokens[at + 1], ")");
	if (s->tokens[at].kind == TOKEN_TEXT && ends)
		note(s, USE_GO, at);
	else
		SAY(s, i,
		    "go needs the name of a step in quotes here, so that the check knows where leads can go: go \"monthly\".");
}

static void use_wait(struct scope *s, size_t i)
{
	struct duration d;
	struct error error = {0};
	note(s, USE_WAIT, i);
	if (s->tokens[i + 1].kind == TOKEN_TEXT && duration_parse(s->tokens[i + 1].text, &d, &error) < 0)
		SAY(s, i, "%s", error.message);
}

static void use_global(struct scope *s, size_t i)
{
	struct str name = s->tokens[i].text;
	if (str_is(name, "go"))
		use_go(s, i);
	else if (str_is(name, "wait"))
		use_wait(s, i);
	for (size_t k = 0; k < ALLOWED; k++)
		if (str_is(name, allowed[k]))
			return;
	if (vocabulary_find(name)) {
		SAY(s, i,
		    "\"%.*s\" cannot be used inside function … end. A function looks at lead and event and returns a value, go \"step\", "
		    "wait \"3 days\" or leave \"why\".",
		    SHOW(name));
		return;
	}
	const char *candidates[ALLOWED + LOCALS_MAX] = {"lead", "event"};
	size_t count = 2;
	for (size_t k = 0; k < ALLOWED; k++)
		candidates[count++] = allowed[k];
	const char *near = str_nearest(name, candidates, count);
	SAY(s, i, "\"%.*s\" is not known inside this function.%s%s%s", SHOW(name),
	    near ? " Did you mean \"" : " If it is a name, put it in quotes.", near ? near : "", near ? "\"?" : "");
}

static bool is_key(const struct scope *s, size_t i)
{
	const struct lexed *before = &s->tokens[i - 1];
	return nesting_in_table(s->nesting, i) && lexed_is(&s->tokens[i + 1], "=") &&
	       (lexed_is(before, "{") || lexed_is(before, ",") || lexed_is(before, ";"));
}

/* `name = …`, `name.x = …`, `name[…] = …` of a local that was declared outside of all functions. */
static void check_change(struct scope *s, size_t i, int frame)
{
	size_t at = i + 1, last = s->nesting->file->count - 1;
	if (s->nesting->frames[frame].in_function)
		return;
	while (dot_name(s, at))
		at += 2;
	if (lexed_is(&s->tokens[at], "[")) {
		while (at < last && !lexed_is(&s->tokens[at], "]"))
			at++;
		at += at < last;
	}
	if (lexed_is(&s->tokens[at], "="))
		SAY(s, i,
		    "\"%.*s\" belongs to the file: a function that changes it would tell one lead what another did. Use a local inside the "
		    "function.",
		    SHOW(s->tokens[i].text));
}

static void look_at_name(struct scope *s, size_t i)
{
	const struct lexed *before = &s->tokens[i - 1];
	if (lexed_is(before, ".") || lexed_is(before, ":") || lexed_is(before, "::") || lexed_is(before, "goto") ||
	    is_key(s, i))
		return;
	int frame = 0;
	const struct local *local = find(s, i, &frame);
	if (local)
		check_change(s, i, frame);
	if (!local)
		use_global(s, i);
	else if (local->role == ROLE_LEAD)
		use_lead(s, i);
	else if (local->role == ROLE_EVENT)
		use_event(s, i);
}

static void look_at(struct scope *s, size_t i)
{
	const struct lexed *token = &s->tokens[i];
	int frame = s->nesting->of[i];
	open_frames(s, i);
	if (i < s->skip_to)
		return;
	if (lexed_is(token, "local") && lexed_is(&s->tokens[i + 1], "function"))
		declare_names(s, i + 2, frame, false);
	else if (lexed_is(token, "local") || lexed_is(token, "for"))
		s->skip_to = declare_names(s, i + 1, frame, false);
	else if (token->kind == TOKEN_NAME && i > 0 && nesting_in_function(s->nesting, i) &&
		 !lexed_is(token - 1, "function"))
		look_at_name(s, i);
}

bool playbook_check_functions(const char *path, const struct nesting *nesting, struct arena *arena, struct uses *uses,
			      struct problems *problems)
{
	struct scope s = {.path = path,
			  .nesting = nesting,
			  .tokens = nesting->file->tokens,
			  .arena = arena,
			  .next_frame = 1,
			  .uses = uses,
			  .problems = problems,
			  .before = problems->errors};
	s.locals = arena_array(arena, nesting->count, sizeof *s.locals);
	s.local_counts = arena_array(arena, nesting->count, sizeof *s.local_counts);
	for (size_t i = 0; i + 1 < nesting->file->count; i++)
		look_at(&s, i);
	return problems->errors == s.before;
}
