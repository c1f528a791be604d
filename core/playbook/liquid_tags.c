/* The tags of Liquid, one table row and one function each, written as Lua. Called for each tag in the order of the
 * output.
 *
 *   if unless elsif else endif endunless · case when endcase · for break continue endfor · assign · capture endcapture
 *   (comment, raw and # never get here: liquid_scan.c)
 *
 * A block's number names its Lua locals: i7 (where it is), n7 (of how many), x7 (the value), c7 (what case compares).
 */
#include "playbook/liquid.h"

#include <stdio.h>

static struct liquid_block *innermost(struct liquid *liquid)
{
	return liquid->depth ? &liquid->blocks[liquid->depth - 1] : NULL;
}

static struct liquid_block *open_block(struct liquid_lexer *lexer, const char *tag)
{
	struct liquid *liquid = lexer->liquid;
	if (liquid->depth == LIQUID_DEPTH) {
		liquid_wrong(lexer, "tags stand in tags more than %d deep.", LIQUID_DEPTH);
		return NULL;
	}
	struct liquid_block *block = &liquid->blocks[liquid->depth++];
	*block = (struct liquid_block){
		.tag = tag, .line = liquid->line, .id = liquid->next_id++, .visible = liquid->loop_count};
	return block;
}

static bool opened_by(struct liquid_lexer *lexer, const char *word, const char *tag, const char *other)
{
	struct liquid_block *block = innermost(lexer->liquid);
	if (block && (strcmp(block->tag, tag) == 0 || (other && strcmp(block->tag, other) == 0)))
		return true;
	if (block)
		liquid_wrong(lexer, "{%% %s %%} stands inside {%% %s %%} of line %d, which must be closed first.", word,
			     block->tag, block->line);
	else
		liquid_wrong(lexer, "{%% %s %%} stands without a {%% %s %%} before it.", word, tag);
	return false;
}

int liquid_assigned(struct liquid *liquid, struct str name)
{
	for (size_t i = 0; i < liquid->assigned_count; i++)
		if (str_same(liquid->assigned[i].name, name))
			return liquid->assigned[i].id;
	struct liquid_variable *variable = arena_push(liquid->arena, &liquid->assigned, liquid->assigned_count,
						      &liquid->assigned_room, sizeof *variable);
	*variable = (struct liquid_variable){name, (int)++liquid->assigned_count};
	return variable->id;
}

/* A name that the template gives; ours may not be taken. */
static bool read_own_name(struct liquid_lexer *lexer, struct str *name)
{
	static const char *const taken[] = {
		"lead",  "account", "score", "data",  "asset", "playbook",        "forloop",        "true",
		"false", "nil",     "null",  "empty", "blank", "unsubscribe_url", "postal_address",
		"confirm_url", "refer_url", "reply", NULL};
	if (lexer->kind != LEX_NAME) {
		liquid_wrong(lexer, "a name is missing here.");
		return false;
	}
	for (size_t i = 0; taken[i]; i++)
		if (str_is(lexer->text, taken[i]))
			liquid_wrong(lexer, "\"%s\" has a meaning already. Take another name.", taken[i]);
	*name = lexer->text;
	liquid_next(lexer);
	return !lexer->failed;
}

/* ---- if, unless, case ---- */

static void tag_if(struct liquid_lexer *lexer)
{
	struct buf lua = {0};
	liquid_condition(lexer, &lua);
	if (open_block(lexer, "if"))
		liquid_emit(lexer->liquid, "if %s then", lua.p);
	buf_fini(&lua);
}

static void tag_unless(struct liquid_lexer *lexer)
{
	struct buf lua = {0};
	liquid_condition(lexer, &lua);
	if (open_block(lexer, "unless"))
		liquid_emit(lexer->liquid, "if not (%s) then", lua.p);
	buf_fini(&lua);
}

static void tag_elsif(struct liquid_lexer *lexer)
{
	if (!opened_by(lexer, "elsif", "if", "unless"))
		return;
	if (innermost(lexer->liquid)->has_else)
		liquid_wrong(lexer, "elsif stands after else.");
	struct buf lua = {0};
	liquid_condition(lexer, &lua);
	liquid_emit(lexer->liquid, "elseif %s then", lua.p ? lua.p : "nil");
	buf_fini(&lua);
}

static void tag_case(struct liquid_lexer *lexer)
{
	struct buf lua = {0};
	liquid_value(lexer, &lua);
	struct liquid_block *block = open_block(lexer, "case");
	if (block)
		liquid_emit(lexer->liquid, "do local c%d=%s", block->id, lua.p);
	buf_fini(&lua);
}

static void tag_when(struct liquid_lexer *lexer)
{
	if (!opened_by(lexer, "when", "case", NULL))
		return;
	struct liquid_block *block = innermost(lexer->liquid);
	if (block->has_else)
		liquid_wrong(lexer, "when stands after else.");
	struct buf lua = {0};
	do {
		if (lua.n)
			buf_puts(&lua, " or ");
		buf_printf(&lua, "c%d==", block->id);
		liquid_value(lexer, &lua);
	} while (!lexer->failed && (liquid_take(lexer, ",") || liquid_take(lexer, "or")));
	liquid_emit(lexer->liquid, "%s %s then", block->has_when ? "elseif" : "if", lua.p);
	block->has_when = true;
	buf_fini(&lua);
}

static void tag_else(struct liquid_lexer *lexer)
{
	struct liquid_block *block = innermost(lexer->liquid);
	if (!block || strcmp(block->tag, "capture") == 0) {
		liquid_wrong(lexer, "{%% else %%} stands without an if, case or for before it.");
		return;
	}
	if (block->has_else)
		liquid_wrong(lexer, "else stands twice for the %s of line %d.", block->tag, block->line);
	if (strcmp(block->tag, "for") == 0) {
		liquid_emit(lexer->liquid, "::k%d:: end", block->id);
		liquid_emit(lexer->liquid, "if n%d==0 then", block->id);
		lexer->liquid->loop_count = block->visible;
	} else {
		liquid_emit(lexer->liquid,
			    strcmp(block->tag, "case") == 0 && !block->has_when ? "if true then" : "else");
		block->has_when = true;
	}
	block->has_else = true;
}

static void close_if(struct liquid_lexer *lexer)
{
	liquid_emit(lexer->liquid, "end");
}

static void close_case(struct liquid_lexer *lexer)
{
	liquid_emit(lexer->liquid, innermost(lexer->liquid)->has_when ? "end end" : "end");
}

/* ---- for ---- */

static bool read_range(struct liquid_lexer *lexer, struct buf *lua)
{
	if (!liquid_take(lexer, "("))
		return false;
	buf_puts(lua, "range(");
	liquid_value(lexer, lua);
	buf_putc(lua, ',');
	if (!lexer->failed && !liquid_take(lexer, ".."))
		liquid_wrong(lexer, "a range has two dots: (1..5).");
	liquid_value(lexer, lua);
	if (!lexer->failed && !liquid_take(lexer, ")"))
		liquid_wrong(lexer, "the ) of the range is missing.");
	buf_putc(lua, ')');
	return true;
}

struct loop_options {
	struct buf limit, offset;
	bool reversed;
};

static void read_loop_options(struct liquid_lexer *lexer, struct loop_options *options)
{
	while (!lexer->failed && lexer->kind == LEX_NAME) {
		bool limit = str_is(lexer->text, "limit"), offset = str_is(lexer->text, "offset");
		if (liquid_take(lexer, "reversed")) {
			options->reversed = true;
		} else if (limit || offset) {
			struct buf *value = limit ? &options->limit : &options->offset;
			liquid_next(lexer);
			if (!liquid_take(lexer, ":"))
				liquid_wrong(lexer, "a : is missing after %s.", limit ? "limit" : "offset");
			if (lexer->kind == LEX_NAME && str_is(lexer->text, "continue"))
				liquid_wrong(lexer, "offset: continue is not known here.");
			buf_clear(value);
			liquid_value(lexer, value);
		} else {
			liquid_wrong(lexer, "\"%.*s\" is not known here. A for takes limit:, offset: and reversed.",
				     STR_ARG(lexer->text));
		}
		liquid_take(lexer, ",");
	}
}

static void tag_for(struct liquid_lexer *lexer)
{
	struct liquid *liquid = lexer->liquid;
	struct str name = {"", 0};
	struct buf lua = {0};
	struct loop_options options = {0};
	if (read_own_name(lexer, &name) && !liquid_take(lexer, "in"))
		liquid_wrong(lexer, "\"in\" is missing: {%% for %.*s in … %%}.", STR_ARG(name));
	if (!lexer->failed && !read_range(lexer, &lua))
		liquid_value(lexer, &lua);
	read_loop_options(lexer, &options);
	struct liquid_block *block = open_block(lexer, "for"); /* also after a problem, so that endfor finds it */
	if (block) {
		int id = block->id;
		block->name = name;
		liquid_emit(liquid, "do local l%d,n%d=loop(%s,%s,%s,%s)", id, id, lua.n ? lua.p : "nil",
			    options.limit.n ? options.limit.p : "nil", options.offset.n ? options.offset.p : "nil",
			    options.reversed ? "true" : "false");
		liquid_emit(liquid, "for i%d=1,n%d do step() local x%d=l%d[i%d]", id, id, id, id, id);
		liquid->loops[liquid->loop_count++] = (struct liquid_variable){name, id};
	}
	buf_fini(&lua);
	buf_fini(&options.limit);
	buf_fini(&options.offset);
}

static void close_for(struct liquid_lexer *lexer)
{
	struct liquid_block *block = innermost(lexer->liquid);
	if (block->has_else)
		liquid_emit(lexer->liquid, "end end");
	else
		liquid_emit(lexer->liquid, "::k%d:: end end", block->id);
	lexer->liquid->loop_count = block->visible;
}

static void leave_loop(struct liquid_lexer *lexer, const char *word)
{
	struct liquid *liquid = lexer->liquid;
	const struct liquid_block *loop = NULL;
	size_t captures = 0;
	for (size_t i = liquid->depth; i-- && !loop;) {
		if (strcmp(liquid->blocks[i].tag, "for") == 0 && !liquid->blocks[i].has_else)
			loop = &liquid->blocks[i];
		captures += strcmp(liquid->blocks[i].tag, "capture") == 0;
	}
	if (!loop)
		liquid_wrong(lexer, "{%% %s %%} stands outside of a for.", word);
	else if (captures)
		liquid_wrong(lexer, "{%% %s %%} cannot leave a capture.", word);
	else if (strcmp(word, "break") == 0)
		liquid_emit(liquid, "break");
	else
		liquid_emit(liquid, "goto k%d", loop->id);
}

static void tag_break(struct liquid_lexer *lexer)
{
	leave_loop(lexer, "break");
}

static void tag_continue(struct liquid_lexer *lexer)
{
	leave_loop(lexer, "continue");
}

/* ---- assign, capture ---- */

static void tag_assign(struct liquid_lexer *lexer)
{
	struct str name = {"", 0};
	struct buf lua = {0};
	if (read_own_name(lexer, &name) && !liquid_take(lexer, "="))
		liquid_wrong(lexer, "a = is missing: {%% assign %.*s = … %%}.", STR_ARG(name));
	if (!lexer->failed)
		liquid_filtered(lexer, &lua, NULL);
	if (name.n) /* known from here on, also when its value is wrong */
		liquid_emit(lexer->liquid, "a[%d]=%s", liquid_assigned(lexer->liquid, name), lua.n ? lua.p : "nil");
	buf_fini(&lua);
}

static void tag_capture(struct liquid_lexer *lexer)
{
	struct str name = {"", 0};
	if (lexer->kind == LEX_TEXT)
		lexer->kind = LEX_NAME;
	bool named = read_own_name(lexer, &name);
	struct liquid_block *block = open_block(lexer, "capture");
	if (block) {
		block->name = name;
		if (named)
			liquid_assigned(lexer->liquid, name);
		liquid_emit(lexer->liquid, "mark()");
	}
}

static void close_capture(struct liquid_lexer *lexer)
{
	struct liquid *liquid = lexer->liquid;
	struct str name = innermost(liquid)->name;
	liquid_emit(liquid, "a[%d]=cut()", name.n ? liquid_assigned(liquid, name) : 0);
}

/* ---- the table ---- */

struct tag {
	const char *word;
	void (*compile)(struct liquid_lexer *lexer);
	const char *closes; /* the tag that it ends */
};
static const struct tag tags[] = {
	{"assign", tag_assign, NULL},     {"break", tag_break, NULL},
	{"capture", tag_capture, NULL},   {"case", tag_case, NULL},
	{"continue", tag_continue, NULL}, {"else", tag_else, NULL},
	{"elsif", tag_elsif, NULL},       {"endcapture", close_capture, "capture"},
	{"endcase", close_case, "case"},  {"endfor", close_for, "for"},
	{"endif", close_if, "if"},        {"endunless", close_if, "unless"},
	{"for", tag_for, NULL},           {"if", tag_if, NULL},
	{"unless", tag_unless, NULL},     {"when", tag_when, NULL},
};
static const char *const known_words[] = {
	"assign",     "break",  "capture", "case",   "comment",   "continue", "else", "elsif", "endcapture", "endcase",
	"endcomment", "endfor", "endif",   "endraw", "endunless", "for",      "if",   "raw",   "unless",     "when"};
static const char *const foreign[] = {"cycle",     "decrement", "doc",     "echo",     "form",
				      "include",   "increment", "layout",  "liquid",   "paginate",
				      "render",    "section",   "style",   "tablerow", "endtablerow",
				      "ifchanged", "block",     "extends", NULL};

static void refuse_tag(struct liquid_lexer *lexer, struct str word)
{
	for (size_t i = 0; foreign[i]; i++)
		if (str_is(word, foreign[i])) {
			liquid_wrong(lexer, "the tag {%% %s %%} of Liquid is not known here.", foreign[i]);
			return;
		}
	const char *nearest = str_nearest(word, known_words, sizeof known_words / sizeof *known_words);
	if (str_is(word, "endraw") || str_is(word, "endcomment"))
		liquid_wrong(lexer, "{%% %.*s %%} stands without a {%% %.*s %%} before it.", STR_ARG(word),
			     (int)word.n - 3, word.p + 3);
	else if (!word.n)
		liquid_wrong(lexer, "{%% %%} is empty.");
	else if (nearest)
		liquid_wrong(lexer, "there is no tag \"%.*s\". Did you mean \"%s\"?", STR_ARG(word), nearest);
	else
		liquid_wrong(lexer, "there is no tag \"%.*s\".", word.n > 60 ? 60 : STR_ARG(word));
}

void liquid_tag(struct liquid *liquid, const struct liquid_token *token)
{
	struct liquid_lexer lexer;
	liquid->line = token->line;
	const struct tag *tag = NULL;
	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
		if (str_is(token->word, tags[i].word))
			tag = &tags[i];
	struct str rest = {token->text.p + token->word.n, token->text.n - token->word.n};
	if (!tag)
		rest = (struct str){"", 0};
	liquid_lex(&lexer, liquid, rest);
	if (!tag) {
		refuse_tag(&lexer, token->word);
		return;
	}
	if (tag->closes && !opened_by(&lexer, tag->word, tag->closes, NULL))
		return;
	tag->compile(&lexer);
	liquid_finish(&lexer);
	if (tag->closes)
		liquid->depth--;
}
