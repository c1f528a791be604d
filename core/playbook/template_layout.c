/* The frame of a mail's HTML: a file templates/KIND/NAME.html, or our own (layout.h). Called while a template is compiled; what the layout's Liquid says becomes
 * part of that template's code, its texts are kept once for all (keep_literal).
 *
 *   {{ content }}    the body, once                 {{ subject }} {{ preheader }} {{ language }}   texts; nil where there is none
 *   {{ footer }}     what the law wants and neither body nor layout has said before: postal address, unsubscribe link; nil where nothing is owed. Behind content
 *   src="logo.png"   a picture beside the templates  href="…"  followed like links of the body
 *
 * What always holds: an address in href, src and their like is one that may be opened, whatever a lead wrote and however it is quoted (template_place.c); content and footer
 * stand where a reader sees them; the picture that tells of an opening stands before </body>. */
#include "playbook/layout.h"
#include "playbook/template_parts.h"
#include "playbook/template_place.h"
#include "playbook/template_seen.h"
#include "playbook/template_store.h"

#include <stdarg.h>
#include <stdio.h>

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
	struct liquid_site *site; /* of the body */
	struct html_place place, opened[LIQUID_DEPTH]; /* opened: where each open tag of Liquid began */
	struct seen seen;
	size_t depth;
	char address;  /* one is open: 'h' of a link that is followed, 's' of a picture, 'u' of another; 0 = none */
	bool quoted;   /* by us: it stands without quotes */
	bool pixel;    /* it was written */
	bool check;    /* problems are said */
	int line;
};

__attribute__((format(printf, 2, 3))) static void wrong(struct laying *l, const char *fmt, ...)
{
	char text[600];
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	if (l->check)
		liquid_problem(l->walk->markdown->site, l->line, "%s", text);
}

/* What the attribute that begins is to a mail: see struct laying. */
static char address_of(const struct html_place *place)
{
	static const struct {
		const char *name;
		char what;
	} names[] = {{"href", 'h'}, {"src", 's'}, {"background", 's'}, {"xlink:href", 'u'}, {"action", 'u'}, {"formaction", 'u'}, {"poster", 'u'}, {"longdesc", 'u'}, {"cite", 'u'}};
	bool link = strcmp(place->tag, "a") == 0 || strcmp(place->tag, "area") == 0 || strchr(place->tag, ':'); /* v:roundrect is Outlook's button */
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i].name, place->attribute) == 0)
			return names[i].what == 'h' && !link ? 'u' : names[i].what;
	return 0;
}

static void plain(struct laying *l, struct str s)
{
	liquid_literal(l->walk->liquid, s);
}

/* Says what is wrong with an address that stands in one text. */
static void look_at(struct laying *l, struct str address)
{
	struct buf url = {0};
	buf_put(&url, address.p, address.n);
	buf_reserve(&url, 1);
	liquid_finish_url(&url, 0, NULL);
	if (str_is(buf_str(&url), "#"))
		wrong(l, "the address \"%.*s\" cannot stand in a mail. Write http:, https:, mailto: or tel:.", STR_ARG(address));
	else if (l->address == 'h' && l->check)
		template_link(l->walk->markdown, address, l->line);
	buf_fini(&url);
}

/* An address that stands in one text: of a picture beside the templates, or one that is no address. true: it is done. */
static bool whole_address(struct laying *l, struct str address)
{
	const struct template_file *file = l->address == 's' ? template_picture(l->walk->markdown, address, l->check ? l->line : 0) : NULL;
	bool none = !address.n || (address.p[0] == '#' && !memchr(address.p, '"', address.n));
	if (file)
		plain(l, str_of(arena_printf(l->walk->markdown->arena, "cid:%s", file->content_id)));
	else if (none)
		plain(l, address);
	else
		look_at(l, address);
	return file || none;
}

static void close_value(struct laying *l)
{
	if (l->address)
		liquid_emit(l->walk->liquid, l->address == 'h' ? "url(true,true)" : "url(true)");
	if (l->quoted)
		plain(l, STR("\""));
	l->address = 0;
	l->quoted = false;
}

/* A value begins; rest: what stands behind, in this text. Gives how much of rest is done. */
static size_t open_value(struct laying *l, struct str rest)
{
	struct str whole = html_place_value(&l->place, rest);
	l->address = address_of(&l->place);
	l->quoted = l->address && l->place.quote == ' ';
	if (l->quoted)
		plain(l, STR("\""));
	if (l->address && whole.p && whole_address(l, whole))
		l->address = 0;
	else
		whole.n = 0;
	if (l->address)
		liquid_emit(l->walk->liquid, "mark()");
	return whole.n;
}

/* The picture that tells of an opening stands before the page ends. */
static void put_pixel(struct laying *l)
{
	if (!l->pixel)
		liquid_emit(l->walk->liquid, "pixel()");
	l->pixel = true;
}

static void count_lines(struct laying *l, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		l->line += s.p[i] == '\n';
}

/* One piece, and what it makes of the place. Gives its length. */
static size_t piece(struct laying *l, struct str s)
{
	enum html_in was = l->place.in;
	size_t n = html_place_step(&l->place, s);
	const struct html_place *now = &l->place;
	if (was == HTML_VALUE && now->in == HTML_TAG)
		close_value(l);
	if (was == HTML_VALUE && now->in == HTML_VALUE)
		seen_attribute(&l->seen, now->attribute, (struct str){s.p, n});
	if (was == HTML_TAG && now->in == HTML_TEXT)
		seen_tag(&l->seen, now, l->line);
	if (was == HTML_TEXT && now->in == HTML_TAG && now->closing && !now->conditional && strcmp(now->tag, "body") == 0 && !l->depth)
		put_pixel(l);
	if (was == HTML_TEXT && now->in == HTML_TAG && strcmp(now->tag, "script") == 0 && !now->closing)
		wrong(l, "<script> does nothing in a mail: no mail program runs it.");
	plain(l, (struct str){s.p, n});
	count_lines(l, (struct str){s.p, n});
	if (was == HTML_TAG && now->in == HTML_VALUE)
		n += open_value(l, (struct str){s.p + n, s.n - n});
	return n;
}

static void text(struct laying *l, struct str s)
{
	while (s.n) {
		size_t n = piece(l, s);
		s = (struct str){s.p + n, s.n - n};
	}
}

/* ---- what it prints ---- */

static void speak_of(struct markdown_walk *walk, struct liquid_site *site)
{
	walk->markdown->site = walk->liquid->site = site;
}

static bool same_place(const struct html_place *a, const struct html_place *b)
{
	return a->in == b->in && a->equals == b->equals && (a->in != HTML_VALUE || a->quote == b->quote) && strcmp(a->raw, b->raw) == 0 &&
	       a->conditional == b->conditional;
}

/* Each branch begins and ends where the tag began: else what follows would stand in an attribute for some and in the text for others. */
static void tag(struct laying *l, const struct liquid_token *token)
{
	static const char *const middles[] = {"else", "elsif", "when", NULL}, *const opens[] = {"if", "unless", "case", "for", "capture", NULL};
	size_t before = l->walk->liquid->depth;
	bool middle = false, open = false;
	for (size_t i = 0; middles[i]; i++)
		middle |= str_is(token->word, middles[i]);
	for (size_t i = 0; opens[i]; i++)
		open |= str_is(token->word, opens[i]);
	liquid_tag(l->walk->liquid, token);
	if (l->place.in == HTML_VALUE)
		seen_unknown(&l->seen);
	l->depth = l->walk->liquid->depth;
	if (middle && before)
		seen_next_branch(&l->seen, before - 1);
	if (open && l->depth > before) {
		l->opened[l->depth - 1] = l->place;
		seen_branches(&l->seen, l->depth - 1);
	} else if (before && (middle || l->depth < before) && !same_place(&l->opened[before - 1], &l->place)) {
		wrong(l, "{%% %.*s %%} ends in the midst of a tag, an attribute or a comment that its branch opened, or did not open. Write these whole, with their quotes, "
			 "within one branch.", STR_ARG(token->word));
	}
}

/* content, footer: what a reader must see. */
static void must_show(struct laying *l, const char *name)
{
	char why[SEEN_WHY];
	if (seen_why(&l->seen, &l->place, why)[0] && l->check)
		liquid_judge(l->walk->markdown->site, l->line, "{{ %s }} stands %s. Write it where every reader sees it.", name, why);
}

static void must_have_shown(struct laying *l, const struct seen_law *law, const char *name)
{
	if (law->shown || !law->line)
		return;
	l->line = law->line;
	if (l->check)
		liquid_judge(l->walk->markdown->site, l->line, "{{ %s }} stands %s. The law wants it seen: write it where every reader sees it, or leave it out, and it is put below the page.", name, law->why);
}

static void print_content(struct laying *l)
{
	struct liquid_site *layout = l->walk->markdown->site;
	must_show(l, "content");
	if (l->depth)
		wrong(l, "{{ content }} stands within {%% %s %%}: some would get a mail without words. Write it outside.", l->walk->liquid->blocks[l->depth - 1].tag);
	speak_of(l->walk, l->site);
	l->content(l->walk);
	speak_of(l->walk, layout);
	if (l->body->footer)
		footer(l->walk);
}

static void print_value(struct laying *l, const struct liquid_token *token)
{
	struct html_place *place = &l->place;
	if (place->in == HTML_TAG && place->equals) { /* href={{ … }} */
		place->in = HTML_VALUE;
		place->equals = false;
		place->quote = ' ';
		open_value(l, (struct str){"", 0});
	}
	if (place->in == HTML_VALUE)
		seen_unknown(&l->seen);
	if (place->in == HTML_TAG)
		wrong(l, "{{ %.*s }} stands within a tag, outside of a value. Write NAME=\"{{ … }}\".", STR_ARG(token->text));
	else if (place->in == HTML_VALUE && place->quote == ' ' && !l->address)
		wrong(l, "{{ %.*s }} stands in an attribute without quotes. Write %s=\"{{ … }}\".", STR_ARG(token->text), place->attribute);
	else if (place->in == HTML_VALUE && (strncmp(place->attribute, "on", 2) == 0 || strcmp(place->attribute, "srcset") == 0 || strcmp(place->attribute, "srcdoc") == 0))
		wrong(l, "{{ %.*s }} cannot stand in %s.", STR_ARG(token->text), place->attribute);
	seen_print(&l->seen, place, token->text, l->address == 'h', l->line);
	liquid_output(l->walk->liquid, token, l->address ? LIQUID_URL : LIQUID_HTML);
}

static void token(struct laying *l, const struct liquid_token *token)
{
	l->line = token->line;
	if (token->kind == LIQUID_TEXT) {
		text(l, token->text);
	} else if (token->kind == LIQUID_TAG) {
		tag(l, token);
	} else if (str_is(token->text, "content")) {
		print_content(l);
	} else if (str_is(token->text, "footer")) {
		must_show(l, "footer");
		liquid_emit(l->walk->liquid, "o(a[%d])", liquid_assigned(l->walk->liquid, STR("footer")));
	} else {
		print_value(l, token);
	}
}

/* site: of whose body the content is. */
static void lay(struct markdown_walk *walk, const struct template_body *body, void (*content)(struct markdown_walk *walk), struct liquid_site *site, bool check)
{
	struct laying l = {.walk = walk, .body = body, .content = content, .site = site, .check = check, .line = 1};
	const struct template_layout *layout = body->layout;
	seen_begin(&l.seen, &layout->tokens, walk->markdown->arena);
	for (size_t i = 0; i < layout->tokens.count; i++)
		token(&l, &layout->tokens.items[i]);
	if (l.place.in != HTML_TEXT || l.place.conditional)
		wrong(&l, "the layout ends within %s that is never closed.", l.place.in == HTML_TEXT || l.place.in == HTML_COMMENT ? "a comment" : "a tag");
	if (l.place.in == HTML_VALUE)
		close_value(&l);
	put_pixel(&l);
	must_have_shown(&l, &l.seen.unsubscribe, "unsubscribe_url");
	must_have_shown(&l, &l.seen.postal, "postal_address");
}

void template_layout(struct markdown_walk *walk, const struct template_body *body, void (*content)(struct markdown_walk *walk))
{
	struct liquid_site *site = walk->markdown->site, mute = *site;
	mute.problems = NULL; /* they were said of the layout's own file */
	words(walk, body);
	speak_of(walk, &mute);
	lay(walk, body, content, site, false);
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
	size_t contents = 0, footers = 0;
	struct liquid liquid;
	struct liquid_code code;
	struct arena *arena = arena_new();
	struct template_bag bag = {.templates = templates, .kind = kind};
	struct markdown markdown = {.site = site, .arena = arena, .bag = &bag, .mark = "\x01"};
	struct markdown_walk walk = {.markdown = &markdown, .liquid = &liquid};
	struct template_body body = {.layout = layout};
	for (size_t i = 0; i < layout->tokens.count; i++) {
		contents += layout->tokens.items[i].kind == LIQUID_OUTPUT && str_is(layout->tokens.items[i].text, "content");
		footers += layout->tokens.items[i].kind == LIQUID_OUTPUT && (str_is(layout->tokens.items[i].text, "footer") || str_starts(layout->tokens.items[i].text, STR("unsubscribe_url")));
	}
	if (contents != 1)
		liquid_problem(site, 1, "a layout prints {{ content }} once: this one does %zu times.", contents);
	if (str_starts(layout->text, STR("---\n")))
		liquid_problem(site, 1, "a layout has no front matter: it would be printed above the page.");
	liquid_begin(&liquid, site, arena);
	words(&walk, &body);
	lay(&walk, &body, no_content, site, true);
	liquid_end(&liquid, &code);
	if (!footers && !site->errors && str_is(kind, "email"))
		template_note(site, 1, "this layout prints no {{ footer }}: where a template does not say them itself, the way to unsubscribe and the postal address are put below the page.");
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
