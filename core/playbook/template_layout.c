/* The frame of a mail's HTML: a file templates/KIND/NAME.html, or our own (layout.h). Called while a template is compiled; what the layout's Liquid says becomes
 * part of that template's code, its texts are kept once for all (keep_literal).
 *
 *   {{ content }}    the body, once                 {{ subject }} {{ preheader }} {{ language }}   texts; nil where there is none
 *   {{ footer }}     what the law wants and neither body nor layout has said before: postal address, unsubscribe link; nil where nothing is owed. Behind content
 *   src="logo.png"   a picture beside the templates  href="…"  followed like links of the body
 *
 * What always holds: an address in href or src is one that may be opened, whatever a lead wrote; the picture that tells of an opening stands before </body>. */
#include "playbook/layout.h"
#include "playbook/template_parts.h"
#include "playbook/template_store.h"

static void put(struct markdown_walk *walk, const char *text)
{
	liquid_literal(walk->liquid, str_of(text));
}

/* ---- what it may name ---- */

static void word(struct liquid *liquid, const char *name, const struct liquid_token *tokens, size_t count)
{
	int id = liquid_assigned(liquid, str_of(name));
	liquid_emit(liquid, "mark()");
	liquid_all(liquid, tokens, count, LIQUID_PROSE);
	liquid_emit(liquid, "a[%d]=cut() if is_blank(a[%d]) then a[%d]=nil end", id, id, id);
}

static void words(struct markdown_walk *walk, const struct template_body *body)
{
	const char *language = walk->markdown->site->playbook->language;
	struct liquid_token text = {.kind = LIQUID_TEXT, .line = 1, .text = str_of(language ? language : "en")};
	word(walk->liquid, "subject", body->subject, body->subject_count);
	word(walk->liquid, "preheader", body->preheader, body->preheader_count);
	word(walk->liquid, "language", &text, 1);
	liquid_assigned(walk->liquid, STR("footer"));
}

/* What the body did not say itself: it is known only when it has run. */
static void footer(struct markdown_walk *walk)
{
	struct liquid *liquid = walk->liquid;
	int id = liquid_assigned(liquid, STR("footer"));
	liquid_emit(liquid, "do local u,p=owes(true) mark()");
	liquid_emit(liquid, "if p then");
	put(walk, "<div>");
	liquid_emit(liquid, "eb(f_newline_to_br(N(%d)))", (int)WORD_POSTAL_ADDRESS);
	put(walk, "</div>\n");
	liquid_emit(liquid, "end if u then");
	put(walk, "<div><a href=\"");
	liquid_emit(liquid, "mark()q(N(%d))url(true)", (int)WORD_UNSUBSCRIBE_URL);
	put(walk, "\" style=\"color:#6b7280;text-decoration:underline;\">");
	put(walk, template_unsubscribe_word(walk->markdown->site->playbook->language));
	put(walk, "</a></div>\n");
	liquid_emit(liquid, "end a[%d]=cut() if is_blank(a[%d]) then a[%d]=nil end end", id, id, id);
}

/* ---- its texts ---- */

struct laying {
	struct markdown_walk *walk;
	const struct template_body *body;
	void (*content)(struct markdown_walk *walk);
	char attribute;  /* an address is open: 'h' of href, 's' of src; 0 = none */
	struct liquid_site *site; /* of the body */
};

/* Where the next href=" or src=" ends in s; *which = its letter. */
static const char *next_attribute(struct str s, char *which)
{
	static const char *const names[] = {"href=\"", "src=\""};
	const char *first = NULL;
	for (size_t i = 0; i < 2; i++) {
		const char *hit = memmem(s.p, s.n, names[i], strlen(names[i]));
		if (hit && hit > s.p && !strchr(" \t\r\n", hit[-1]))
			hit = NULL;
		if (hit && (!first || hit + strlen(names[i]) < first)) {
			first = hit + strlen(names[i]);
			*which = names[i][0];
		}
	}
	return first;
}

/* A text that is no address; the picture that tells of an opening before the page ends. */
static void plain(struct laying *l, struct str s)
{
	const char *end = memmem(s.p, s.n, "</body", 6);
	if (end) {
		liquid_literal(l->walk->liquid, (struct str){s.p, (size_t)(end - s.p)});
		liquid_emit(l->walk->liquid, "pixel()");
		s = (struct str){end, s.n - (size_t)(end - s.p)};
	}
	liquid_literal(l->walk->liquid, s);
}

static void open_address(struct laying *l, char which)
{
	l->attribute = which;
	liquid_emit(l->walk->liquid, "mark()");
}

static void close_address(struct laying *l)
{
	liquid_emit(l->walk->liquid, l->attribute == 'h' ? "url(true,true)" : "url(true)");
	l->attribute = 0;
}

/* An address that stands in one text: of a picture beside the templates, or of the web. true: it is done. */
static bool whole_address(struct laying *l, struct str address, char which)
{
	const struct template_file *file = which == 's' ? template_picture(l->walk->markdown, address, 0) : NULL;
	if (file)
		liquid_literal(l->walk->liquid, str_of(arena_printf(l->walk->markdown->arena, "cid:%s", file->content_id)));
	else if (str_starts(address, STR("#")) || !address.n)
		liquid_literal(l->walk->liquid, address);
	return file || str_starts(address, STR("#")) || !address.n;
}

static void text(struct laying *l, struct str s)
{
	while (s.n) {
		char which = 0;
		const char *quote = l->attribute ? memchr(s.p, '"', s.n) : NULL, *address = l->attribute ? NULL : next_attribute(s, &which);
		if (l->attribute) {
			size_t n = quote ? (size_t)(quote - s.p) : s.n;
			liquid_literal(l->walk->liquid, (struct str){s.p, n});
			s = (struct str){s.p + n, s.n - n};
			if (quote)
				close_address(l);
			continue;
		}
		if (!address) {
			plain(l, s);
			return;
		}
		plain(l, (struct str){s.p, (size_t)(address - s.p)});
		s = (struct str){address, s.n - (size_t)(address - s.p)};
		quote = memchr(s.p, '"', s.n);
		if (quote && whole_address(l, (struct str){s.p, (size_t)(quote - s.p)}, which))
			s = (struct str){quote, s.n - (size_t)(quote - s.p)};
		else
			open_address(l, which);
		if (l->attribute == 0 && s.n) { /* the quote itself, so that it opens nothing */
			plain(l, (struct str){s.p, 1});
			s = (struct str){s.p + 1, s.n - 1};
		}
	}
}

static void speak_of(struct markdown_walk *walk, struct liquid_site *site)
{
	walk->markdown->site = walk->liquid->site = site;
}

static void token(struct laying *l, const struct liquid_token *token)
{
	struct liquid *liquid = l->walk->liquid;
	if (token->kind == LIQUID_TEXT) {
		text(l, token->text);
	} else if (token->kind == LIQUID_TAG) {
		liquid_tag(liquid, token);
	} else if (str_is(token->text, "content")) {
		struct liquid_site *layout = l->walk->markdown->site;
		speak_of(l->walk, l->site);
		l->content(l->walk);
		speak_of(l->walk, layout);
		if (l->body->footer)
			footer(l->walk);
	} else if (str_is(token->text, "footer")) {
		liquid_emit(liquid, "o(a[%d])", liquid_assigned(liquid, STR("footer")));
	} else {
		liquid_output(liquid, token, l->attribute ? LIQUID_URL : LIQUID_HTML);
	}
}

/* site: of whose body the content is. */
static void lay(struct markdown_walk *walk, const struct template_body *body, void (*content)(struct markdown_walk *walk), struct liquid_site *site)
{
	struct laying l = {.walk = walk, .body = body, .content = content, .site = site};
	const struct template_layout *layout = body->layout;
	for (size_t i = 0; i < layout->tokens.count; i++)
		token(&l, &layout->tokens.items[i]);
	if (!memmem(layout->text.p, layout->text.n, "</body", 6))
		liquid_emit(walk->liquid, "pixel()");
}

void template_layout(struct markdown_walk *walk, const struct template_body *body, void (*content)(struct markdown_walk *walk))
{
	struct liquid_site *site = walk->markdown->site, mute = *site;
	mute.problems = NULL; /* they were said of the layout's own file */
	words(walk, body);
	speak_of(walk, &mute);
	lay(walk, body, content, site);
	speak_of(walk, site);
}

/* ---- the files ---- */

static void no_content(struct markdown_walk *walk)
{
	(void)walk;
}

/* What is wrong with it is said once, with its own file and lines, not with each template that uses it. */
static void check(struct templates *templates, struct str kind, const struct template_layout *layout, struct liquid_site *site)
{
	size_t contents = 0;
	struct liquid liquid;
	struct liquid_code code;
	struct arena *arena = arena_new();
	struct template_bag bag = {.templates = templates, .kind = kind};
	struct markdown markdown = {.site = site, .arena = arena, .bag = &bag, .mark = "\x01"};
	struct markdown_walk walk = {.markdown = &markdown, .liquid = &liquid};
	struct template_body body = {.layout = layout};
	for (size_t i = 0; i < layout->tokens.count; i++)
		contents += layout->tokens.items[i].kind == LIQUID_OUTPUT && str_is(layout->tokens.items[i].text, "content");
	if (contents != 1)
		liquid_problem(site, 1, "a layout prints {{ content }} once: this one does %zu times.", contents);
	layout_seen(site, &layout->tokens);
	liquid_begin(&liquid, site, arena);
	words(&walk, &body);
	lay(&walk, &body, no_content, site);
	liquid_end(&liquid, &code);
	arena_free(arena);
}

static const struct template_layout *load(struct templates *templates, const struct playbook *playbook, struct str kind, const char *file, struct str text,
					  struct problems *problems)
{
	struct template_layout *layout = arena_alloc(templates->arena, sizeof *layout);
	struct liquid_site site = {.playbook = playbook, .file = file, .context = "the layout of mails", .problems = problems};
	*layout = (struct template_layout){.file = file, .text = arena_str(templates->arena, text)};
	map_put(templates->layouts, str_of(file), layout);
	if (!str_is_text(text)) {
		liquid_problem(&site, 1, "the file is not UTF-8 text. Save it as UTF-8.");
		return layout;
	}
	liquid_scan(&site, layout->text, 1, templates->arena, &layout->tokens);
	check(templates, kind, layout, &site);
	for (size_t i = 0; i < layout->tokens.count; i++)
		layout->tokens.items[i].line = 1; /* in a template's code they stand at its beginning */
	return layout;
}

const struct template_layout *template_layout_load(struct templates *templates, const struct playbook *playbook, struct str kind, struct str name,
						   struct problems *problems)
{
	const char *path = arena_printf(templates->arena, "templates/%.*s/%.*s.html", STR_ARG(kind), STR_ARG(name));
	const struct template_layout *known = map_get(templates->layouts, str_of(path));
	const struct playbook_file *file = known ? NULL : playbook_files_find(templates->files, str_of(path));
	if (known)
		return known;
	if (file)
		return load(templates, playbook, kind, path, file->bytes, problems);
	return str_is(name, LAYOUT_NAME) ? load(templates, playbook, kind, path, STR(LAYOUT_TEXT), problems) : NULL;
}
