/* A document of letters: opened, filled, closed. See pages.h; what is on the first page's head is in pages_head.c, the body in pages_flow.c. */
#include "pages_parts.h"

#include <cairo-pdf.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#define MARKS (5 * MM) /* crop marks, outside of the bleed */

static bool wrong(struct nurture_problem *problem, const char *where, const char *message)
{
	g_strlcpy(problem->where, where, sizeof problem->where);
	g_strlcpy(problem->message, message, sizeof problem->message);
	return false;
}

/* ---- texts ---- */

static void note_missing(struct pages *pages, uint32_t c)
{
	struct pages_report *report = pages->report;
	size_t i = 0;
	report->missing++;
	while (i < PAGES_MISSING_MOST && report->missing_characters[i] && report->missing_characters[i] != c)
		i++;
	if (i < PAGES_MISSING_MOST)
		report->missing_characters[i] = c;
	report->missing_more |= i == PAGES_MISSING_MOST;
}

void pages_note(struct pages *pages, const char *fmt, ...)
{
	struct pages_report *report = pages->report;
	size_t n = report ? strlen(report->note) : 0;
	va_list args;
	if (!report)
		return;
	if (n)
		n += g_strlcpy(report->note + n, " ", sizeof report->note - n);
	va_start(args, fmt);
	g_vsnprintf(report->note + MIN(n, sizeof report->note - 1), sizeof report->note - MIN(n, sizeof report->note - 1), fmt, args);
	va_end(args);
}

void pages_count_missing(struct pages *pages, PangoLayout *layout)
{
	PangoLayoutIter *iter;
	if (!pages->report || !pango_layout_get_unknown_glyphs_count(layout))
		return;
	iter = pango_layout_get_iter(layout);
	do {
		const PangoLayoutRun *run = pango_layout_iter_get_run_readonly(iter);
		for (int i = 0; run && i < run->glyphs->num_glyphs; i++)
			if (run->glyphs->glyphs[i].glyph & PANGO_GLYPH_UNKNOWN_FLAG)
				note_missing(pages, run->glyphs->glyphs[i].glyph & ~PANGO_GLYPH_UNKNOWN_FLAG);
	} while (pango_layout_iter_next_run(iter));
	pango_layout_iter_free(iter);
}

static void add(PangoAttrList *list, PangoAttribute *attribute, guint start, guint end)
{
	attribute->start_index = start;
	attribute->end_index = end;
	pango_attr_list_insert(list, attribute);
}

static void style_attributes(PangoAttrList *list, unsigned style, guint start, guint end)
{
	if (style & SPAN_BOLD)
		add(list, pango_attr_weight_new(PANGO_WEIGHT_BOLD), start, end);
	if (style & SPAN_ITALIC)
		add(list, pango_attr_style_new(PANGO_STYLE_ITALIC), start, end);
	if (style & SPAN_MONO)
		add(list, pango_attr_family_new("Noto Sans Mono, DejaVu Sans Mono, monospace"), start, end);
}

/* Pango turns the side of what runs against the context's direction. */
void pages_align(const struct pages *pages, PangoLayout *layout, bool right)
{
	PangoDirection base = pango_context_get_base_dir(pages->context), direction = pango_layout_get_direction(layout, 0);
	bool against = direction != base && (direction == PANGO_DIRECTION_LTR || direction == PANGO_DIRECTION_RTL);
	pango_layout_set_alignment(layout, right != against ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
}

PangoLayout *pages_text(struct pages *pages, const char *text, const GArray *spans, double size, unsigned style, double width)
{
	PangoLayout *layout = pango_layout_new(pages->context);
	PangoAttrList *list = pango_attr_list_new();
	add(list, pango_attr_size_new((int)lround(size * PANGO_SCALE)), 0, PANGO_ATTR_INDEX_TO_TEXT_END);
	add(list, pango_attr_line_height_new_absolute((int)lround(size * pages->leading * PANGO_SCALE)), 0, PANGO_ATTR_INDEX_TO_TEXT_END);
	style_attributes(list, style, 0, PANGO_ATTR_INDEX_TO_TEXT_END);
	for (guint i = 0; spans && i < spans->len; i++) {
		const struct span *span = &g_array_index(spans, struct span, i);
		style_attributes(list, span->style, span->start, span->end);
	}
	pango_layout_set_font_description(layout, pages->font);
	pango_layout_set_attributes(layout, list);
	pango_attr_list_unref(list);
	pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_width(layout, width < 0 ? -1 : (int)(width * PANGO_SCALE));
	pango_layout_set_text(layout, text ? text : "", -1);
	pages_align(pages, layout, pango_context_get_base_dir(pages->context) == PANGO_DIRECTION_RTL);
	return layout;
}

double pages_layout_height(PangoLayout *layout)
{
	int height;
	pango_layout_get_size(layout, NULL, &height);
	return (double)height / PANGO_SCALE;
}

double pages_layout_width(PangoLayout *layout)
{
	int width;
	pango_layout_get_size(layout, &width, NULL);
	return (double)width / PANGO_SCALE;
}

void pages_show(struct pages *pages, PangoLayout *layout, double x, double y)
{
	cairo_set_source_rgb(pages->cairo, 0, 0, 0);
	cairo_move_to(pages->cairo, x, y);
	pango_cairo_show_layout(pages->cairo, layout);
}

/* ---- a letter ---- */

static bool is_right_to_left(const char *language)
{
	static const char *const languages[] = {"ar", "he", "iw", "fa", "ur", "ps", "sd", "ug", "yi", "dv", "ckb"};
	size_t n = strcspn(language, "-_");
	for (size_t i = 0; i < G_N_ELEMENTS(languages); i++)
		if (strlen(languages[i]) == n && g_ascii_strncasecmp(language, languages[i], n) == 0)
			return true;
	return false;
}

static void speak(struct pages *pages, const char *language)
{
	language = language && *language ? language : "en";
	pango_context_set_language(pages->context, pango_language_from_string(language));
	pango_context_set_base_dir(pages->context, is_right_to_left(language) ? PANGO_DIRECTION_RTL : PANGO_DIRECTION_LTR);
}

/* Lines at the corners, where the paper is cut, outside of what is printed to be cut off. */
static void show_crop_marks(const struct pages *pages)
{
	double far = pages->layout.bleed * MM, length = MARKS - 1 * MM, w = pages->sheet.width, h = pages->sheet.height;
	for (int corner = 0; corner < 4; corner++) {
		double x = corner & 1 ? w : 0, y = corner & 2 ? h : 0, right = corner & 1 ? 1 : -1, down = corner & 2 ? 1 : -1;
		cairo_move_to(pages->cairo, x + right * far, y);
		cairo_rel_line_to(pages->cairo, right * length, 0);
		cairo_move_to(pages->cairo, x, y + down * far);
		cairo_rel_line_to(pages->cairo, 0, down * length);
	}
	cairo_set_line_width(pages->cairo, 0.25);
	cairo_stroke(pages->cairo);
}

static void show_number(struct pages *pages, int page, int count)
{
	const struct box *body = &pages->sheet.body;
	char text[32];
	g_snprintf(text, sizeof text, "%d/%d", page + 1, count);
	PangoLayout *layout = pages_text(pages, text, NULL, 8, 0, -1);
	pages_show(pages, layout, body->x + body->width - pages_layout_width(layout), body->y + body->height + 8 * MM);
	g_object_unref(layout);
}

static void show_letter(struct pages *pages, const struct letter_text *letter, const struct head *head, const struct flow *flow)
{
	int count = flow_pages(flow);
	for (int page = 0; page < count; page++) {
		cairo_save(pages->cairo);
		cairo_translate(pages->cairo, pages->margin, pages->margin);
		if (page == 0)
			head_show(head, pages, letter);
		else
			show_number(pages, page, count);
		flow_show(flow, pages, page);
		if (pages->layout.bleed > 0)
			show_crop_marks(pages);
		cairo_restore(pages->cairo);
		cairo_show_page(pages->cairo);
	}
}

static bool is_written(struct pages *pages, struct nurture_problem *problem)
{
	if (pages->refused || cairo_status(pages->cairo) == CAIRO_STATUS_WRITE_ERROR)
		return wrong(problem, "", "the PDF could not be written.");
	if (cairo_status(pages->cairo) != CAIRO_STATUS_SUCCESS)
		return wrong(problem, "", cairo_status_to_string(cairo_status(pages->cairo)));
	return true;
}

static bool lay(struct pages *pages, const struct letter_text *letter, bool show, struct pages_report *report, struct nurture_problem *problem)
{
	struct flow *flow = NULL;
	*report = (struct pages_report){0};
	pages->report = report;
	speak(pages, letter->language);
	GString *above = g_string_new(NULL);
	struct head *head = head_new(pages, letter, above);
	bool good = (flow = flow_new(pages, letter, above->str, problem)) != NULL;
	g_string_free(above, TRUE);
	if (good)
		report->pages = flow_pages(flow);
	if (good && show) {
		show_letter(pages, letter, head, flow);
		good = is_written(pages, problem);
	}
	flow_free(flow);
	head_free(head);
	pages->report = NULL;
	return good;
}

bool pages_add(struct pages *pages, const struct letter_text *letter, struct pages_report *report, struct nurture_problem *problem)
{
	return lay(pages, letter, true, report, problem);
}

bool pages_look(struct pages *pages, const struct letter_text *letter, struct pages_report *report, struct nurture_problem *problem)
{
	return lay(pages, letter, false, report, problem);
}

void pages_missing_text(const struct pages_report *report, char *text, size_t room)
{
	GString *out = g_string_new(NULL);
	for (size_t i = 0; i < PAGES_MISSING_MOST && report->missing_characters[i]; i++)
		g_string_append_printf(out, "%sU+%04X", i ? ", " : "", report->missing_characters[i]);
	if (report->missing_more)
		g_string_append(out, " and others");
	g_strlcpy(text, out->str, room);
	g_string_free(out, TRUE);
}

/* ---- a document ---- */

static cairo_status_t write_out(void *arg, const unsigned char *bytes, unsigned n)
{
	struct pages *pages = arg;
	pages->refused = pages->refused || !pages->write(pages->write_arg, bytes, n);
	return pages->refused ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static void open_surface(struct pages *pages)
{
	char date[40];
	time_t at = (time_t)(pages->layout.made_at / 1000000);
	struct tm tm;
	gmtime_r(&at, &tm);
	strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", &tm);
	pages->surface = cairo_pdf_surface_create_for_stream(write_out, pages, pages->sheet.width + 2 * pages->margin, pages->sheet.height + 2 * pages->margin);
	cairo_pdf_surface_set_metadata(pages->surface, CAIRO_PDF_METADATA_CREATE_DATE, date);
	cairo_pdf_surface_set_metadata(pages->surface, CAIRO_PDF_METADATA_CREATOR, pages->layout.creator ? pages->layout.creator : "Nurture");
	pages->cairo = cairo_create(pages->surface);
}

/* Fonts as they are on paper: no hints for pixels. A map of our own, as maps belong to one thread. */
static void open_fonts(struct pages *pages)
{
	cairo_font_options_t *options = cairo_font_options_create();
	cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
	cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
	cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
	pages->fonts = pango_cairo_font_map_new();
	pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(pages->fonts), 72);
	pages->context = pango_font_map_create_context(pages->fonts);
	pango_cairo_context_set_font_options(pages->context, options);
	pango_context_set_round_glyph_positions(pages->context, FALSE);
	cairo_font_options_destroy(options);
	pages->font = pango_font_description_new();
	pango_font_description_set_family(pages->font, pages->layout.font ? pages->layout.font : "Noto Sans");
}

static void free_all(struct pages *pages)
{
	cairo_destroy(pages->cairo);
	cairo_surface_destroy(pages->surface);
	if (pages->context)
		g_object_unref(pages->context);
	if (pages->fonts)
		g_object_unref(pages->fonts);
	pango_font_description_free(pages->font);
	g_hash_table_unref(pages->pictures);
	picture_free(pages->logo);
	g_free(pages);
}

bool pages_has_font(const char *family)
{
	PangoFontMap *fonts = pango_cairo_font_map_new();
	PangoFontFamily **families = NULL;
	int count = 0;
	bool found = false;
	char **wanted = g_strsplit(family, ",", -1);
	pango_font_map_list_families(fonts, &families, &count);
	for (char **name = wanted; *name; name++)
		for (int i = 0; i < count; i++)
			found |= g_ascii_strcasecmp(g_strstrip(*name), pango_font_family_get_name(families[i])) == 0;
	g_free(families);
	g_strfreev(wanted);
	g_object_unref(fonts);
	return found;
}

struct pages *pages_open(const struct pages_layout *layout, pages_write_fn *write, void *arg, struct nurture_problem *problem)
{
	struct pages *pages;
	struct picture *logo = layout->logo ? picture_new(layout->logo, layout->logo_length) : NULL;
	if (layout->logo && !logo) {
		wrong(problem, "logo", "it is no PNG that can be shown.");
		return NULL;
	}
	pages = g_new0(struct pages, 1);
	pages->layout = *layout;
	pages->logo = logo;
	pages->size = layout->size > 0 ? layout->size : 10.5;
	pages->leading = LEADING;
	pages->margin = layout->bleed > 0 ? layout->bleed * MM + MARKS : 0;
	pages->sheet = sheet_of(layout);
	pages->write = write;
	pages->write_arg = arg;
	pages->pictures = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, picture_free);
	open_fonts(pages);
	open_surface(pages);
	return pages;
}

bool pages_close(struct pages *pages, struct nurture_problem *problem)
{
	if (!pages)
		return true;
	cairo_surface_finish(pages->surface);
	bool good = !pages->refused && cairo_surface_status(pages->surface) == CAIRO_STATUS_SUCCESS;
	if (!good)
		wrong(problem, "", pages->refused ? "the PDF could not be written." : cairo_status_to_string(cairo_surface_status(pages->surface)));
	free_all(pages);
	return good;
}
