/* Reads one template file: the front matter, then the body, and compiles each field. Called by templates_load. Problems
 * are said with file:line and place; a template with problems is kept by name, so that it is not also reported as
 * missing, and never run.
 *
 *   ---                     each line of the front matter is `name: text with {{ Liquid }}`
 *   subject: …
 *   ---
 *   the body: Markdown for channels with body = "markdown", else plain text */
#include "playbook/layout.h"
#include "playbook/template_parts.h"
#include "playbook/template_store.h"

#include <stdio.h>

enum { FRONT_MOST = 32 };

struct front_field {
	struct str name, value;
	int line;
	struct liquid_tokens tokens;
};

struct reader {
	struct templates *templates;
	struct liquid_site site;
	const struct playbook_channel *channel; /* NULL: none is configured for this kind */
	struct str kind, name;
	struct template_entry *entry;
	struct template_code fields[FRONT_MOST + 2]; /* of the entry, until it is kept; their code lies in scratch */
	size_t field_count;
	struct front_field front[FRONT_MOST];
	size_t front_count;
	bool front_is_broken; /* a line of it could not be read: what is missing may be that one */
	struct template_bag bag;
	struct str body;
	int body_line;
};

/* ---- words of the footer ---- */

const char *template_unsubscribe_word(const char *language)
{
	static const struct {
		const char *language, *word;
	} words[] = {
		{"de", "Abmelden"},      {"fr", "Se d\xc3\xa9sinscrire"},
		{"es", "Darse de baja"}, {"it", "Annulla iscrizione"},
		{"nl", "Afmelden"},      {"pt", "Cancelar inscri\xc3\xa7\xc3\xa3o"},
	};
	for (size_t i = 0; language && i < sizeof words / sizeof *words; i++)
		if (strncmp(language, words[i].language, 2) == 0)
			return words[i].word;
	return "Unsubscribe";
}

/* ---- the front matter ---- */

static bool is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') ||
		      (i && (s.p[i] == '_' || s.p[i] == '-'))))
			return false;
	return s.n > 0 && s.n <= 64;
}

static struct front_field *front_find(struct reader *reader, const char *name)
{
	for (size_t i = 0; i < reader->front_count; i++)
		if (str_is(reader->front[i].name, name))
			return &reader->front[i];
	return NULL;
}

static struct str without_quotes(struct str s)
{
	if (s.n > 1 && (*s.p == '"' || *s.p == '\'') && s.p[s.n - 1] == *s.p)
		return (struct str){s.p + 1, s.n - 2};
	return s;
}

static void read_front_line(struct reader *reader, struct str line, int number)
{
	struct str value = line, name = str_trim(str_cut(&value, ':'));
	if (!str_trim(line).n || *line.p == '#')
		return;
	if (!value.p || !is_name(name)) {
		liquid_problem(&reader->site, number,
			       "a line of the front matter is a name, a colon and a text, like subject: Welcome.");
		reader->front_is_broken = true; /* perhaps it is the one that would be missed */
		return;
	}
	for (size_t i = 0; i < reader->front_count; i++)
		if (str_same(reader->front[i].name, name)) {
			liquid_problem(&reader->site, number, "\"%.*s\" is given twice (first on line %d).",
				       STR_ARG(name), reader->front[i].line);
			return;
		}
	if (reader->front_count == FRONT_MOST) {
		liquid_problem(&reader->site, number, "the front matter has more than %d fields.", FRONT_MOST);
		return;
	}
	reader->front[reader->front_count++] = (struct front_field){name, without_quotes(str_trim(value)), number, {0}};
}

static bool is_closed(struct str rest)
{
	while (rest.p)
		if (str_is(str_trim(str_cut(&rest, '\n')), "---"))
			return true;
	return false;
}

static void read_front(struct reader *reader, struct str text)
{
	struct str rest = text;
	int number = 1;
	reader->body = text;
	reader->body_line = 1;
	if (!str_is(str_trim(str_cut(&rest, '\n')), "---"))
		return;
	if (!is_closed(rest)) {
		liquid_problem(&reader->site, 1, "the front matter is never closed: write a second line of ---.");
		reader->body = STR("");
		reader->front_is_broken = true;
		return;
	}
	while (rest.p) {
		struct str line = str_cut(&rest, '\n');
		number++;
		if (str_is(str_trim(line), "---")) {
			reader->body = rest.p ? rest : STR("");
			reader->body_line = number + 1;
			return;
		}
		read_front_line(reader, line, number);
	}
}

/* ---- what the channel wants ---- */

static bool asks_for(const char *wanted, struct str name)
{
	return str_is(name, wanted + (*wanted == '!'));
}

static bool is_markdown(const struct reader *reader)
{
	if (reader->channel && reader->channel->body)
		return strcmp(reader->channel->body, "markdown") == 0;
	return str_is(reader->kind, "email") || str_is(reader->kind, "letter");
}

/* Read when the playbook is loaded, and never a field of a touch. */
static bool is_fixed(struct str name)
{
	return str_is(name, "layout") || str_is(name, "attach") || str_is(name, "topic");
}

static bool is_reply_page(const struct reader *reader, struct str name)
{
	return str_is(reader->kind, "letter") && str_is(name, "page");
}

/* The preheader is ours: it stands at the head of the HTML, whatever the channel knows. */
static bool is_our_field(const struct reader *reader, struct str name)
{
	return is_reply_page(reader, name) || (is_markdown(reader) && ((str_is(name, "preheader") && !str_is(reader->kind, "letter")) || is_fixed(name)));
}

static bool channel_knows(const struct reader *reader, struct str name)
{
	const char *const *wanted = reader->channel ? reader->channel->template_fields : NULL;
	for (; wanted && *wanted; wanted++)
		if (asks_for(*wanted, name))
			return true;
	return !reader->channel || !reader->channel->template_fields;
}

static void check_known(struct reader *reader, const struct front_field *field)
{
	if (channel_knows(reader, field->name) || is_our_field(reader, field->name))
		return;
	const char *names[FRONT_MOST];
	struct buf list = {0};
	size_t count = 0;
	for (const char *const *wanted = reader->channel->template_fields; *wanted && count < FRONT_MOST; wanted++) {
		names[count++] = *wanted + (**wanted == '!');
		buf_printf(&list, "%s%s", list.n ? ", " : "", names[count - 1]);
	}
	const char *nearest = str_nearest(field->name, names, count);
	reader->front_is_broken |= nearest != NULL;
	if (nearest)
		liquid_problem(&reader->site, field->line,
			       "there is no field \"%.*s\" in the front matter of this channel. Did you mean \"%s\"?",
			       STR_ARG(field->name), nearest);
	else
		liquid_problem(&reader->site, field->line,
			       "there is no field \"%.*s\" in the front matter of this channel. It knows: %s.",
			       STR_ARG(field->name), list.n ? list.p : "none");
	buf_fini(&list);
}

/* `from: Ann <ann@example.com>`, as it is written; what Liquid makes of it is seen when the mail is made. */
static void check_mailbox(struct reader *reader, const struct front_field *field)
{
	struct str address = str_trim(field->value);
	struct error error = {0};
	bool mailbox = str_is(field->name, "from") || str_is(field->name, "reply_to");
	if (!mailbox || !str_is(reader->kind, "email") || !address.n || memchr(address.p, '{', address.n))
		return;
	const char *open = memrchr(address.p, '<', address.n);
	if (open && address.p[address.n - 1] == '>')
		address = (struct str){open + 1, (size_t)(address.p + address.n - open) - 2};
	for (size_t i = 0; i < address.n; i++)
		if ((unsigned char)address.p[i] >= 0x80)
			return; /* the channel knows better about letters beyond ASCII */
	if (model_email_normalise(address, reader->templates->scratch, &address, &error) < 0)
		liquid_problem(&reader->site, field->line, "%.*s: %s", STR_ARG(field->name), error.message);
}

static void check_front(struct reader *reader)
{
	for (size_t i = 0; i < reader->front_count; i++) {
		check_known(reader, &reader->front[i]);
		check_mailbox(reader, &reader->front[i]);
		if (is_reply_page(reader, reader->front[i].name))
			template_reply_check(&reader->site, reader->templates->files, reader->front[i].value, reader->front[i].line);
	}
	const char *const *wanted = reader->channel ? reader->channel->template_fields : NULL;
	for (; wanted && *wanted; wanted++)
		if (**wanted == '!' && !reader->front_is_broken && !front_find(reader, *wanted + 1))
			liquid_problem(&reader->site, 1,
				       "%s is missing. Write %s: … between two lines of --- at the top.", *wanted + 1,
				       *wanted + 1);
	struct front_field *subject = front_find(reader, "subject");
	if (subject && !subject->value.n)
		liquid_problem(&reader->site, subject->line, "the subject is empty.");
}

/* ---- compiling ---- */

static struct template_code *add_field(struct reader *reader, struct str name, int line)
{
	struct template_code *field = &reader->fields[reader->field_count++];
	field->name = arena_dup_n(reader->templates->arena, name.p, name.n);
	field->line = line;
	return field;
}

static void compile_plain(struct reader *reader, const struct liquid_tokens *tokens, enum liquid_context context,
			  struct template_code *field)
{
	struct liquid liquid;
	liquid_begin(&liquid, &reader->site, reader->templates->scratch);
	liquid_all(&liquid, tokens->items, tokens->count, context);
	liquid_end(&liquid, &field->code);
}

static void compile_front(struct reader *reader)
{
	for (size_t i = 0; i < reader->front_count; i++) {
		struct front_field *front = &reader->front[i];
		if ((is_markdown(reader) && is_fixed(front->name)) || is_reply_page(reader, front->name))
			continue;
		liquid_scan(&reader->site, front->value, front->line, reader->templates->scratch, &front->tokens);
		struct template_code *field = add_field(reader, front->name, front->line);
		field->one_line = true;
		field->hidden = !channel_knows(reader, front->name);
		compile_plain(reader, &front->tokens, LIQUID_PROSE, field);
	}
}

/* One walk of the tree: writes the code of one field. */
static void compile_walk(struct reader *reader, struct markdown *markdown, const struct template_body *body,
			 const char *name, bool check)
{
	struct liquid liquid;
	struct markdown_walk walk = {.markdown = markdown, .liquid = &liquid, .check = check};
	struct template_code *field = add_field(reader, str_of(name), reader->body_line);
	liquid_begin(&liquid, markdown->site, reader->templates->scratch);
	if (check)
		template_html(&walk, body);
	else
		template_text(&walk, body);
	liquid_end(&liquid, &field->code);
	if (check)
		markdown_check(&walk);
}

static const struct template_layout *choose_layout(struct reader *reader)
{
	const struct front_field *named = front_find(reader, "layout");
	if (reader->site.letter) {
		if (named)
			liquid_problem(&reader->site, named->line, "a letter has no layout of its own: paper, window, font and logo are settings of the channel.");
		return NULL;
	}
	struct str name = named ? named->value : STR(LAYOUT_NAME);
	const struct template_layout *layout = template_layout_load(reader->templates, reader->site.playbook, reader->kind, name, reader->site.problems);
	if (!layout && str_ends(name, STR(".html")))
		liquid_problem(&reader->site, named->line, "a layout is named without its ending: write layout: %.*s.", (int)name.n - 5, name.p);
	else if (!layout)
		liquid_problem(&reader->site, named->line, "there is no layout templates/%.*s/%.*s.html.", STR_ARG(reader->kind), STR_ARG(name));
	return layout;
}

static void take_attached(struct reader *reader)
{
	const struct front_field *attach = front_find(reader, "attach");
	if (attach && str_is(reader->kind, "email"))
		template_attach(&reader->bag, &reader->site, attach->line, attach->value);
	else if (attach)
		liquid_problem(&reader->site, attach->line, "only e-mails have attachments.");
}

static void check_topic(struct reader *reader)
{
	const struct front_field *topic = front_find(reader, "topic");
	const struct playbook *playbook = reader->site.playbook;
	const char *names[TOPICS_MOST];
	size_t count = 0;
	if (topic && !str_is(reader->kind, "email")) {
		liquid_problem(&reader->site, topic->line, "only e-mails have a topic.");
		return;
	}
	for (size_t i = 0; topic && i < playbook->topic_count && i < TOPICS_MOST; i++) {
		names[count++] = playbook->topics[i].name;
		if (str_is(topic->value, playbook->topics[i].name))
			return;
	}
	const char *nearest = topic ? str_nearest(topic->value, names, count) : NULL;
	if (nearest)
		liquid_problem(&reader->site, topic->line, "there is no topic \"%.*s\". Did you mean \"%s\"?", STR_ARG(topic->value), nearest);
	else if (topic)
		liquid_problem(&reader->site, topic->line, "there is no topic \"%.*s\". Declare it in the playbook: topic \"%.*s\" { label = \"…\" }.",
			       STR_ARG(topic->value), STR_ARG(topic->value));
}

/* Inboxes show 40 to 130 characters of it. */
static void look_at_preheader(struct reader *reader, const struct front_field *preheader)
{
	enum { LONG = 250 };
	size_t length = 0;
	for (size_t i = 0; i < preheader->tokens.count; i++)
		length += preheader->tokens.items[i].kind == LIQUID_TEXT ? str_utf8_length(preheader->tokens.items[i].text) : 0;
	if (length > LONG)
		template_note(&reader->site, preheader->line, "the preheader has %zu characters: inboxes show 130 at most.", length);
}

static void compile_markdown(struct reader *reader, const struct liquid_tokens *tokens)
{
	struct template_code names = {0};
	struct liquid_site mute = reader->site;
	struct markdown markdown;
	const struct front_field *subject = front_find(reader, "subject"), *preheader = front_find(reader, "preheader");
	struct template_body body = {.footer = !str_is(reader->kind, "letter")};
	compile_plain(reader, tokens, LIQUID_PLAIN,
		      &names); /* says every problem of Liquid, in the order of the lines */
	body.layout = choose_layout(reader);
	take_attached(reader);
	check_topic(reader);
	if (reader->site.errors)
		return;
	if (subject)
		body.subject = subject->tokens.items, body.subject_count = subject->tokens.count;
	if (preheader)
		look_at_preheader(reader, preheader);
	if (preheader)
		body.preheader = preheader->tokens.items, body.preheader_count = preheader->tokens.count;
	markdown_init(&markdown, &reader->site, reader->templates->scratch, tokens->items, tokens->count);
	markdown.bag = str_is(reader->kind, "email") || reader->site.letter ? &reader->bag : NULL;
	compile_walk(reader, &markdown, &body, "html", true);
	mute.problems = NULL;
	markdown.site = &mute;
	compile_walk(reader, &markdown, &body, "text", false);
	markdown_fini(&markdown);
}

static void compile_page(struct reader *reader, const struct liquid_tokens *tokens)
{
	struct liquid liquid;
	struct template_code *field = add_field(reader, STR("html"), reader->body_line);
	liquid_begin(&liquid, &reader->site, reader->templates->scratch);
	liquid_document(&liquid, tokens->items, tokens->count);
	liquid_end(&liquid, &field->code);
}

static bool has_branches(const struct liquid_tokens *tokens)
{
	static const char *const words[] = {"if", "unless", "case", "for", NULL};
	for (size_t i = 0; i < tokens->count; i++)
		for (size_t k = 0; words[k] && tokens->items[i].kind == LIQUID_TAG; k++)
			if (str_is(tokens->items[i].word, words[k]))
				return true;
	return false;
}

static void compile_body(struct reader *reader)
{
	struct liquid_tokens tokens;
	liquid_scan(&reader->site, reader->body, reader->body_line, reader->templates->scratch, &tokens);
	if (reader->entry)
		reader->entry->branches = has_branches(&tokens);
	if (reader->site.page)
		compile_page(reader, &tokens);
	else if (is_markdown(reader))
		compile_markdown(reader, &tokens);
	else
		compile_plain(reader, &tokens, LIQUID_PLAIN, add_field(reader, STR("text"), reader->body_line));
}

/* ---- the file ---- */

static void read_page_path(struct reader *reader, struct str rest)
{
	if (rest.p && !memchr(rest.p, '/', rest.n) && str_ends(rest, STR(".html")) && is_name((struct str){rest.p, rest.n - 5}))
		reader->name = (struct str){rest.p, rest.n - 5};
	else
		liquid_problem(&reader->site, 1, "this is no page. A page is templates/page/NAME.html, and its address is /z/NAME.");
	reader->site.page = true;
}

/* templates/KIND/NAME.md; what else lies under templates/ is refused, so that nobody waits for it to be sent. */
static bool read_path(struct reader *reader, const char *path, const struct playbook_site *site)
{
	const char *kinds[16] = {"email", "call", "letter"};
	size_t count = 3;
	struct str rest = str_of(path);
	for (size_t i = 0; i < site->channel_count && count < 16; i++)
		if (site->channels[i].kind)
			kinds[count++] = site->channels[i].kind;
	str_cut(&rest, '/');
	reader->kind = str_cut(&rest, '/');
	bool known = false;
	for (size_t i = 0; i < count; i++)
		known |= str_is(reader->kind, kinds[i]);
	const char *nearest = known ? NULL : str_nearest(reader->kind, kinds, count);
	if (str_is(reader->kind, "page"))
		read_page_path(reader, rest);
	else if (rest.p && (str_is(reader->kind, "email") || str_is(reader->kind, "letter")) && template_is_file(rest))
		return false; /* goes with a mail or a letter: template_files.c */
	else if (rest.p && !memchr(rest.p, '/', rest.n) && str_is(reader->kind, "email") && str_ends(rest, STR(".html")))
		template_layout_load(reader->templates, reader->site.playbook, reader->kind, (struct str){rest.p, rest.n - 5}, reader->site.problems);
	else if (!rest.p || memchr(rest.p, '/', rest.n) || !str_ends(rest, STR(".md")) || rest.n <= 3)
		liquid_problem(
			&reader->site, 1,
			"this is no template. A template is templates/KIND/NAME.md, like templates/email/welcome.md.");
	else if (!known && nearest)
		liquid_problem(&reader->site, 1, "there are no templates of kind \"%.*s\". Did you mean templates/%s/?",
			       STR_ARG(reader->kind), nearest);
	else if (!known)
		liquid_problem(&reader->site, 1,
			       "there are no templates of kind \"%.*s\". Kinds are email, call, letter.",
			       STR_ARG(reader->kind));
	else
		reader->name = (struct str){rest.p, rest.n - 3};
	return reader->name.n > 0;
}

/* Without a byte order mark and with plain line ends. */
static struct str normal_lines(struct arena *arena, struct str bytes)
{
	char *text = arena_dup_n(arena, bytes.p, bytes.n);
	size_t n = 0, from = str_starts(bytes, STR("\xef\xbb\xbf")) ? 3 : 0;
	for (size_t i = from; i < bytes.n; i++)
		if (!(text[i] == '\r' && (i + 1 == bytes.n || text[i + 1] == '\n')))
			text[n++] = text[i];
	text[n] = '\0';
	return (struct str){text, n};
}

static void choose_channel(struct reader *reader, const struct playbook_site *site)
{
	for (size_t i = 0; i < site->channel_count && !reader->channel; i++)
		if (site->channels[i].kind && str_is(reader->kind, site->channels[i].kind))
			reader->channel = &site->channels[i];
}

static void name_entry(struct reader *reader)
{
	struct arena *arena = reader->templates->arena;
	const char *name = arena_printf(arena, "%.*s/%.*s", STR_ARG(reader->kind), STR_ARG(reader->name));
	reader->entry = arena_alloc(arena, sizeof *reader->entry);
	reader->entry->file = reader->site.file;
	map_put(reader->templates->by_name, str_of(name), reader->entry);
}

static struct str keep_literal(struct templates *templates, struct str text)
{
	char *kept = map_get(templates->literals, text);
	if (!kept) {
		kept = arena_dup_n(templates->arena, text.p, text.n);
		map_put(templates->literals, (struct str){kept, text.n}, kept);
	}
	return (struct str){kept, text.n};
}

/* Copies what rendering needs out of scratch. */
static void keep_entry(struct reader *reader)
{
	struct templates *templates = reader->templates;
	struct template_entry *entry = reader->entry;
	entry->field_count = reader->field_count;
	entry->file_count = reader->bag.count;
	entry->files = arena_array(templates->arena, reader->bag.count + 1, sizeof(struct template_file *));
	for (size_t i = 0; i < reader->bag.count; i++)
		entry->files[i] = reader->bag.items[i];
	entry->fields = arena_array(templates->arena, reader->field_count, sizeof *entry->fields);
	for (size_t i = 0; i < reader->field_count; i++) {
		const struct liquid_code *code = &reader->fields[i].code;
		struct str *literals = arena_array(templates->arena, code->literal_count, sizeof *literals);
		for (size_t k = 0; k < code->literal_count; k++)
			literals[k] = keep_literal(templates, code->literals[k]);
		entry->fields[i] = reader->fields[i];
		entry->fields[i].code = (struct liquid_code){
			.lua = arena_str(templates->arena, code->lua),
			.literals = literals,
			.literal_count = code->literal_count,
			.lines = (int *)(void *)arena_dup_n(templates->arena, code->lines,
							    code->line_count * sizeof *code->lines),
			.line_count = code->line_count,
		};
	}
}

void template_compile(struct templates *templates, const struct playbook *playbook, const struct playbook_file *file,
		      const struct playbook_site *site, struct problems *problems)
{
	struct reader reader = {.templates = templates, .bag = {.templates = templates}};
	arena_reset(templates->scratch);
	reader.site = (struct liquid_site){.playbook = playbook,
					   .file = arena_dup(templates->arena, file->path),
					   .context = "templates",
					   .problems = problems};
	if (!read_path(&reader, reader.site.file, site))
		return;
	reader.site.context = arena_printf(templates->scratch, "template \"%.*s\"", STR_ARG(reader.name));
	reader.bag.kind = reader.kind;
	reader.site.letter = str_is(reader.kind, "letter");
	choose_channel(&reader, site);
	name_entry(&reader);
	if (!str_is_text(file->bytes)) {
		liquid_problem(&reader.site, 1, "the file is not UTF-8 text. Save it as UTF-8.");
		return;
	}
	read_front(&reader, normal_lines(templates->scratch, file->bytes));
	check_front(&reader);
	compile_front(&reader);
	compile_body(&reader);
	if (!reader.site.errors) {
		keep_entry(&reader);
		template_try(templates, reader.entry, &reader.site);
	}
}
