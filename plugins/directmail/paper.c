/* See paper.h. */
#include "paper.h"

#include "pictures.h"

#include <stdio.h>
#include <string.h>
#include <unicode/udat.h>
#include <unicode/ustring.h>

struct paper {
	const struct folder_of *of;
	struct pages *pages;
	char *logo;
	bool code;
};

/* ---- the setting ---- */

static const char *const papers[] = {"a4", "letter", NULL}, *const windows[] = {"din5008-a", "din5008-b", "us10", NULL};

static int place_of(const char *word, const char *const *words)
{
	for (int i = 0; word && words[i]; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return -1;
}

static bool within(const json_t *value, double least, double most)
{
	return json_is_number(value) && json_number_value(value) >= least && json_number_value(value) <= most;
}

static bool is_part(const char *key, const json_t *value)
{
	const char *text = json_string_value(value);
	if (strcmp(key, "paper") == 0)
		return place_of(text, papers) >= 0;
	if (strcmp(key, "window") == 0)
		return place_of(text, windows) >= 0;
	if (strcmp(key, "size") == 0)
		return within(value, 8, 14);
	if (strcmp(key, "bleed") == 0)
		return within(value, 0, 10);
	if (strcmp(key, "fold_marks") == 0 || strcmp(key, "code") == 0)
		return json_is_boolean(value);
	return (strcmp(key, "font") == 0 || strcmp(key, "logo") == 0) && text && *text && strlen(text) < 500;
}

bool paper_knows(const json_t *layout)
{
	const char *key;
	json_t *value;
	bool good = json_is_object(layout);
	json_object_foreach ((json_t *)(uintptr_t)layout, key, value)
		good = good && is_part(key, value);
	return good;
}

static bool is_true(const json_t *layout, const char *key, bool otherwise)
{
	const json_t *value = json_object_get(layout, key);
	return value ? json_is_true(value) : otherwise;
}

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static struct pages_layout layout_of(const struct settings *settings)
{
	const json_t *layout = settings->layout;
	int paper = place_of(text_of(layout, "paper"), papers), window = place_of(text_of(layout, "window"), windows);
	if (window < 0)
		window = paper == PAGES_LETTER ? PAGES_US10 : PAGES_DIN5008_B;
	return (struct pages_layout){.paper = paper < 0 ? PAGES_A4 : (enum pages_paper)paper, .window = (enum pages_window)window, .font = text_of(layout, "font"),
				     .size = json_number_value(json_object_get(layout, "size")), .bleed = json_number_value(json_object_get(layout, "bleed")),
				     .fold_marks = is_true(layout, "fold_marks", false)};
}

/* ---- a document ---- */

struct paper *paper_open(const struct folder_of *of, pages_write_fn *write, void *arg, struct nurture_problem *problem)
{
	struct pages_layout layout = layout_of(of->settings);
	const char *logo = text_of(of->settings->layout, "logo");
	struct paper *paper = g_new0(struct paper, 1);
	paper->of = of;
	paper->code = is_true(of->settings->layout, "code", true);
	if (logo && !g_file_get_contents(logo, &paper->logo, &layout.logo_length, NULL)) {
		snprintf(problem->where, sizeof problem->where, "layout");
		snprintf(problem->message, sizeof problem->message, "the logo %.300s cannot be read.", logo);
		g_free(paper);
		return NULL;
	}
	layout.logo = paper->logo;
	layout.creator = of->name;
	layout.made_at = of->made_at;
	paper->pages = pages_open(&layout, write, arg, problem);
	if (paper->pages)
		return paper;
	g_free(paper->logo);
	g_free(paper);
	return NULL;
}

int paper_close(struct paper *paper, struct nurture_problem *problem)
{
	if (!paper)
		return 0;
	bool good = pages_close(paper->pages, problem);
	g_free(paper->logo);
	g_free(paper);
	return good ? 0 : -1;
}

/* ---- what stands on it ---- */

/* A day like 2026-11-26 as letters of that language write it: "26 November 2026", "26. November 2026". */
static char *day_in(const char *day, const char *language)
{
	UErrorCode status = U_ZERO_ERROR;
	UChar zone[] = {'U', 'T', 'C', 0}, wide[100];
	char text[300] = "", noon[40];
	snprintf(noon, sizeof noon, "%.10sT12:00:00Z", day);
	GDateTime *at = g_date_time_new_from_iso8601(noon, NULL);
	if (!at)
		return g_strdup("");
	UDateFormat *format = udat_open(UDAT_NONE, UDAT_LONG, strcmp(language, "en") == 0 ? "en_GB" : language, zone, -1, NULL, 0, &status);
	udat_format(format, (UDate)g_date_time_to_unix(at) * 1000, wide, 100, NULL, &status);
	u_strToUTF8(text, sizeof text, NULL, wide, -1, &status);
	udat_close(format);
	g_date_time_unref(at);
	return g_strdup(U_SUCCESS(status) ? text : day);
}

/* The return address: as the template says it, else by the setting `sender`. */
static char *sender_of(struct letter_view *view)
{
	const char *said = letter_view_text(view, "sender");
	const json_t *s = view->of->settings->sender;
	struct post_address address = {.name = text_of(s, "name"), .organisation = text_of(s, "organisation"), .street = text_of(s, "street"), .street2 = text_of(s, "street2"),
				       .city = text_of(s, "city"), .region = text_of(s, "region"), .postal_code = text_of(s, "postal_code"), .country = text_of(s, "country")};
	struct post_lines lines;
	GString *text = g_string_new(said);
	if (*said)
		return g_string_free(text, FALSE);
	post_address_lines(&address, text_of(s, "country"), NULL, &lines);
	for (size_t i = 0; i < lines.count; i++)
		g_string_append_printf(text, "%s%s", i ? "\n" : "", lines.line[i]);
	post_lines_fini(&lines);
	return g_string_free(text, FALSE);
}

static void put_paragraph(struct letter_view *view, const char *first, const char *between, const char *second, GString *html)
{
	const char *one = letter_view_text(view, first), *two = second ? letter_view_text(view, second) : "";
	char *a = g_markup_escape_text(one, -1), *b = g_markup_escape_text(two, -1);
	if (*one || *two)
		g_string_append_printf(html, "<p>%s%s%s</p>\n", a, *one && *two ? between : "", b);
	g_free(a);
	g_free(b);
}

/* Salutation, body, closing with room for a signature by hand, who signs, what is enclosed. */
static char *body_of(struct letter_view *view)
{
	GString *html = g_string_new(NULL);
	put_paragraph(view, "salutation", "", NULL, html);
	g_string_append(html, letter_view_text(view, "html"));
	put_paragraph(view, "closing", "<br><br><br>", "signature", html);
	put_paragraph(view, "enclosure", "", NULL, html);
	return g_string_free(html, FALSE);
}

static const char *first_of(const char *text, const char *otherwise)
{
	return text && *text ? text : otherwise;
}

static void write_note(const struct pages_report *report, char note[PAPER_NOTE])
{
	char missing[400];
	const char *const said[] = {report->overflow, report->note};
	size_t n = 0;
	*note = 0;
	for (size_t i = 0; i < 2; i++)
		if (*said[i])
			n += (size_t)snprintf(note + n, PAPER_NOTE - n, "%s%s", n ? " " : "", said[i]);
	pages_missing_text(report, missing, sizeof missing);
	if (report->missing)
		snprintf(note + n, PAPER_NOTE - n, "%sno font has: %s", n ? " " : "", missing);
}

int paper_add(struct paper *paper, struct letter_view *view, int *pages, char note[PAPER_NOTE], struct nurture_problem *problem)
{
	const char *language = first_of(letter_view_text(view, "language"), first_of(text_of(view->of->settings->sender, "language"), "en"));
	const struct post_lines *lines = letter_view_lines(view);
	char *sender = sender_of(view), *html = body_of(view), *day = day_in(first_of(view->of->drop_on, first_of(view->of->made, "")), language);
	struct pages_report report;
	struct letter_text letter = {.line_count = lines->count, .sender = sender, .date = first_of(letter_view_text(view, "date"), day), .reference = letter_view_text(view, "reference"),
				     .subject = letter_view_text(view, "subject"), .html = html, .language = language, .url = paper->code ? view->letter->url : NULL,
				     .code = view->letter->code, .invitation = letter_view_text(view, "invitation"), .stamp = view->of->sample ? "SAMPLE" : NULL};
	for (size_t i = 0; i < lines->count; i++)
		letter.lines[i] = lines->line[i];
	if (view->of->pictures) {
		letter.pictures = view->of->pictures->items;
		letter.picture_count = view->of->pictures->count;
	}
	bool added = pages_add(paper->pages, &letter, &report, problem);
	*pages = report.pages;
	write_note(&report, note);
	g_free(sender);
	g_free(html);
	g_free(day);
	return added ? 0 : -1;
}

struct paper_window {
	const struct settings *settings;
	struct pages *pages;
};

static bool write_nothing(void *arg, const void *bytes, size_t n)
{
	(void)arg, (void)bytes, (void)n;
	return true;
}

/* ---- before anything is printed ---- */

static bool refuse(struct nurture_problem *problem, const char *format, const char *what)
{
	snprintf(problem->where, sizeof problem->where, "layout");
	snprintf(problem->message, sizeof problem->message, format, what);
	return false;
}

static bool can_logo(const char *path, bool here, struct nurture_problem *problem)
{
	struct nurture_problem ignored = {.size = sizeof ignored};
	GError *error = NULL;
	char *bytes = NULL;
	struct pages_layout layout = {0};
	if (!g_file_get_contents(path, &bytes, &layout.logo_length, &error)) {
		bool unknown = !here && g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_ACCES);
		g_error_free(error);
		return unknown || refuse(problem, "the logo %.300s cannot be read: logo is a PNG under data_dir, or its whole path.", path);
	}
	layout.logo = bytes;
	struct pages *pages = pages_open(&layout, write_nothing, NULL, &ignored);
	(void)pages_close(pages, &ignored);
	g_free(bytes);
	return pages || refuse(problem, "the logo %.300s is no PNG that can be shown.", path);
}

bool paper_can(const struct settings *settings, bool here, struct nurture_problem *problem)
{
	const char *font = text_of(settings->layout, "font"), *logo = text_of(settings->layout, "logo");
	if (settings->letters == LETTERS_NONE)
		return true;
	if (font && !pages_has_font(font))
		return refuse(problem, "there is no font \"%.300s\" here: fc-list : family says which there are; another one is a package.", font);
	return !logo || can_logo(logo, here, problem);
}

/* ---- the window alone ---- */

struct paper_window *paper_window_new(const struct settings *settings)
{
	struct nurture_problem ignored = {.size = sizeof ignored};
	struct pages_layout layout = layout_of(settings);
	struct paper_window *window = g_new(struct paper_window, 1);
	*window = (struct paper_window){settings, pages_open(&layout, write_nothing, NULL, &ignored)};
	return window;
}

void paper_window_free(struct paper_window *window)
{
	struct nurture_problem ignored = {.size = sizeof ignored};
	if (!window)
		return;
	(void)pages_close(window->pages, &ignored);
	g_free(window);
}

bool paper_window_fits(struct paper_window *window, const json_t *content)
{
	const struct folder_of of = {.settings = window->settings};
	const struct folder_letter letter = {.content = content};
	struct letter_view view;
	letter_view_init(&view, &of, &letter);
	const struct post_lines *lines = letter_view_lines(&view);
	bool fits = !view.cut && pages_fits(window->pages, (const char *const *)lines->line, lines->count);
	letter_view_fini(&view);
	return fits;
}
