/* Templates: Liquid (as Shopify documents it) compiled to Lua at load, Markdown turned to HTML at load, run at
 * delivery.
 *
 * A template is a file templates/KIND/NAME.md: a front matter between two lines of three hyphens (`subject: …`, each
 * value a Liquid text), then the body. Unknown variables, tags and filters are problems at load, with file:line. HTML
 * is escaped by default; the text part is not. Rendering never parses data: a lead's name that looks like a template is
 * printed as it is. */
#ifndef NURTURE_PLAYBOOK_TEMPLATE_H
#define NURTURE_PLAYBOOK_TEMPLATE_H

#include "playbook/playbook.h"

struct template_field {
	const char *name; /* "subject", … of the front matter; "html" and "text" (body = "markdown"), or "text" alone */
	struct str value; /* in the arena; ended by NUL */
};
/* A file that goes with a mail. Belongs to the templates, and lives as long as they do. */
struct template_file {
	const char *name;       /* without folders */
	const char *type;       /* "image/png": told by its bytes where they tell it */
	const char *content_id; /* the HTML shows it as cid:…; NULL = attached */
	struct str bytes;
};
struct template_fields {
	struct template_field *items;
	size_t count;
	const struct template_file *const *files;
	size_t file_count;
};

/* Whom a touch goes to and what it says, beside the touch itself: as a channel is told it (channel/touch.h). */
struct touch_content {
	struct str address, name;
	const char *unsubscribe_url, *postal_address, *reply_code, *reply_url; /* may be NULL */
	const struct template_fields *fields;         /* more than 64 fields or 32 files no template has */
	uint32_t attempt;
	moment_t now;
};

/* Signed links to pages of ours, made for the lead that the template is rendered for: by whoever has the keys. */
enum template_page {
	PAGE_CONFIRM, /* confirm_url: that a permission was meant */
	PAGE_REFER,   /* refer_url: name a colleague */
	PAGE_ASSET,   /* asset.NAME.link */
	PAGE_REPLY,   /* reply.url, of a letter */
	PAGE_REPLY_CODE /* reply.code: no address, what one types (base/reply_code.h) */
};
typedef const char *template_page_fn(void *arg, enum template_page kind, const struct asset *asset); /* valid until rendered; NULL = none */

/* What a template may name besides lead.*, account.*, score.*, grade, band, stage: */
struct template_input {
	struct playbook_view view;   /* lead, account, now, scores */
	const struct touch *touch;   /* campaign, step; data: JSON object, as `data.*` */
	const char *unsubscribe_url; /* may be NULL: prints nothing */
	const char *postal_address;  /* may be NULL */
	const char *public_url;
	template_page_fn *page;      /* may be NULL: such names print nothing; called with view.arg */
	const struct score *scores; /* for score.MODEL, grade and band */
	size_t score_count;
	/* What stands for the address of a link, in HTML and text alike, in memory that outlives the rendering; NULL: the address itself. Never
	 * asked for images and the unsubscribe address. May be NULL. */
	const char *(*link)(void *arg, struct str url);
	void *link_arg;
	const char *pixel_url; /* at the end of the HTML stands a picture of one pixel from there; NULL = none */
};

/* Compiles every templates/KIND/NAME.md of files against what the playbook declares (its schema, models, grades and
 * assets must stand already, and live as long as the result). Problems are added; always gives something to free. For
 * playbook_load, which puts it into playbook->templates. */
struct templates *templates_load(const struct playbook *playbook, const struct playbook_files *files,
				 const struct playbook_site *site, struct problems *problems) MUST_USE;
void templates_free(struct templates *templates); /* takes NULL */

/* Is there a page templates/page/NAME.html? */
bool playbook_has_page(const struct playbook *playbook, struct str name);

/* Each e-mail template written for leads that are made up: what comes out empty or too large (template_try.c). */
void templates_try(struct playbook *playbook, struct problems *problems);

bool playbook_has_template(const struct playbook *playbook, struct str kind, struct str name);
/* For playbook_load: the topics of e-mail templates by their names (values: struct topic's names), off their front matter alone. Names and values lie in `arena`. */
struct map *template_topics(const struct playbook *playbook, const struct playbook_files *files, struct arena *arena) MUST_USE;
/* The topic in its front matter, also where templates are not loaded; NULL = it has none, or is not there. */
const char *playbook_template_topic(const struct playbook *playbook, struct str kind, struct str name);
/* For playbook_load: where the reply codes of letters lead, by the templates' names (values: what `page:` says). Names and values lie in `arena`. */
struct map *template_replies(const struct playbook_files *files, struct arena *arena) MUST_USE;
/* Where whoever answers a letter is led: "/z/PAGE" or "/f/FORM" of ours, "https://…", or the name of an asset. Known also where templates are not loaded; NULL = the
 * template says nothing, or is not there. */
const char *playbook_letter_page(const struct playbook *playbook, struct str name);
/* The names of a kind's templates, in the order of the files: at most `room` of them. */
size_t playbook_template_names(const struct playbook *playbook, struct str kind, const char **names, size_t room);

/* Renders every field of templates/KIND/NAME.md. -1: error with where = file:line (not found, budget, wrong type in a
 * filter). */
int playbook_render(struct playbook *playbook, struct str kind, struct str name, const struct template_input *input,
		    struct arena *arena, struct template_fields *out, struct error *error) MUST_USE;

/* Where a template says what a field holds: "templates/email/hello.md:3"; of a field that it does not name, its first line. In the arena. */
const char *playbook_template_place(const struct playbook *playbook, struct str kind, struct str name, struct str field, struct arena *arena);

#endif
