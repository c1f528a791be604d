/* The head of a letter's first page: address in the window, return address, reference and date, logo, fold marks. Called by pages.c.
 *
 * The address is set as large as it fits, 10.5 points at most and 8 at least (DIN 5008; USPS Publication 28 A1), rather smaller than with broken lines. What does not fit
 * even so is drawn nevertheless and told in the report. */
#include "pages_parts.h"

#include "address_parts.h"

#include <string.h>

struct head {
	PangoLayout *lines[10], *sender, *information;
	size_t line_count;
};

/* ---- the address ---- */

static void free_lines(struct head *head)
{
	for (size_t i = 0; i < head->line_count; i++)
		g_object_unref(head->lines[i]);
	head->line_count = 0;
}

/* Each line begins at the left, in whatever script: the window is there. */
static PangoLayout *line_of(struct pages *pages, const char *text, double size)
{
	GString *clean = g_string_new(NULL);
	post_clean(text, ' ', clean);
	PangoLayout *layout = pages_text(pages, clean->str, NULL, size, 0, pages->sheet.window.width);
	pages_align(pages, layout, false);
	g_string_free(clean, TRUE);
	return layout;
}

/* Sets the lines at this size. Gives their height; *broken: a line took more than one. */
static double set_lines(struct pages *pages, const char *const *lines, size_t count, double size, struct head *head, size_t *broken)
{
	double height = 0;
	free_lines(head);
	*broken = 0;
	for (size_t i = 0; i < count && i < G_N_ELEMENTS(head->lines); i++) {
		if (!lines[i] || !*lines[i])
			continue;
		PangoLayout *layout = head->lines[head->line_count++] = line_of(pages, lines[i], size);
		height += pages_layout_height(layout);
		if (pango_layout_get_line_count(layout) > 1 && !*broken)
			*broken = head->line_count;
	}
	return height;
}

static void set_address(struct pages *pages, const char *const *lines, size_t count, struct head *head)
{
	enum { LARGEST = 21, SMALLEST = 16 }; /* half points */
	const struct box *window = &pages->sheet.window;
	double height = 0;
	size_t broken = 0;
	for (int whole = 1; whole >= 0; whole--)
		for (int size = LARGEST; size >= SMALLEST; size--) {
			height = set_lines(pages, lines, count, size / 2.0, head, &broken);
			if (height <= window->height && !(whole && broken))
				return;
		}
	if (broken)
		g_snprintf(pages->report->overflow, sizeof pages->report->overflow,
			   "the address is %.0f mm high in 8 points, the window %.0f mm: line %zu is wider than %.0f mm and was broken.", height / MM, window->height / MM, broken,
			   window->width / MM);
	else
		g_snprintf(pages->report->overflow, sizeof pages->report->overflow, "the address has %zu lines, %.0f mm in 8 points: the window has %.0f mm.", head->line_count,
			   height / MM, window->height / MM);
}

/* ---- what stands around it ---- */

/* Lines of a text; in the window they are one, with points between. */
static char *sender_text(const struct pages *pages, const char *sender)
{
	GString *clean = g_string_new(NULL), *out = g_string_new(NULL);
	post_clean(sender, '\n', clean);
	for (const char *p = clean->str; *p; p++)
		if (*p == '\n' && pages->sheet.sender_in_window)
			g_string_append(out, " · ");
		else
			g_string_append_c(out, *p);
	g_string_free(clean, TRUE);
	return g_string_free(out, FALSE);
}

/* Sets a text as large as it has room, in half points from `most` down to 12 (DIN 5008: 6 points at least). one: on one line, rather smaller. What has no room even so stands
 * above the subject instead. */
static PangoLayout *set_small(struct pages *pages, const char *text, const struct box *box, bool one, int most, const char *what, GString *above)
{
	enum { SMALLEST = 12 };
	PangoLayout *layout = NULL;
	for (int whole = one; whole >= 0; whole--)
		for (int size = most; size >= SMALLEST; size--) {
			if (layout)
				g_object_unref(layout);
			layout = pages_text(pages, text, NULL, size / 2.0, 0, box->width);
			if (whole ? pango_layout_get_line_count(layout) <= 1 : pages_layout_height(layout) <= box->height)
				return layout;
		}
	g_object_unref(layout);
	g_string_append_printf(above, "%s%s", above->len ? "\n" : "", text);
	pages_note(pages, "the %s has no room where it belongs: it stands above the subject.", what);
	return pages_text(pages, "", NULL, most / 2.0, 0, box->width);
}

static void set_sender(struct pages *pages, const struct letter_text *letter, struct head *head, GString *above)
{
	bool small = pages->sheet.sender_in_window;
	char *text = sender_text(pages, letter->sender ? letter->sender : "");
	head->sender = set_small(pages, text, &pages->sheet.sender, small, small ? 14 : 18, "return address", above);
	pages_align(pages, head->sender, false);
	g_free(text);
}

static void set_information(struct pages *pages, const struct letter_text *letter, struct head *head, GString *above)
{
	GString *text = g_string_new(NULL);
	const char *parts[] = {letter->reference, letter->date};
	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
		if (text->len && parts[i] && *parts[i])
			g_string_append_c(text, '\n');
		post_clean(parts[i], ' ', text);
	}
	head->information = set_small(pages, text->str, &pages->sheet.information, false, 19, "reference", above);
	g_string_free(text, TRUE);
}

struct head *head_new(struct pages *pages, const struct letter_text *letter, GString *above)
{
	struct head *head = g_new0(struct head, 1);
	pages->leading = 1.2;
	set_address(pages, letter->lines, letter->line_count, head);
	set_sender(pages, letter, head, above);
	set_information(pages, letter, head, above);
	pages->leading = LEADING;
	for (size_t i = 0; i < head->line_count; i++)
		pages_count_missing(pages, head->lines[i]);
	pages_count_missing(pages, head->sender);
	pages_count_missing(pages, head->information);
	return head;
}

/* By its length alone: no Latin letter of any text face is wider than WIDE of its size. false: it must be set. */
static bool is_short(const struct pages *pages, const char *const *lines, size_t count)
{
	static const double WIDE = 1.2, SMALLEST = 8;
	const struct box *window = &pages->sheet.window;
	glong most = (glong)(window->width / (SMALLEST * WIDE));
	if ((double)count * SMALLEST * 1.2 > window->height)
		return false;
	for (size_t i = 0; i < count; i++) {
		const char *p = lines[i] ? lines[i] : "";
		for (glong n = 0; *p; p = g_utf8_next_char(p), n++)
			if (n == most || (unsigned char)*p >= 0xc6) /* beyond U+017F */
				return false;
	}
	return true;
}

bool pages_fits(struct pages *pages, const char *const *lines, size_t count)
{
	struct pages_report report = {0};
	struct head head = {0};
	if (is_short(pages, lines, count))
		return true;
	pages->report = &report;
	pages->leading = 1.2;
	set_address(pages, lines, count, &head);
	pages->leading = LEADING;
	pages->report = NULL;
	free_lines(&head);
	return !*report.overflow;
}

void head_free(struct head *head)
{
	if (!head)
		return;
	free_lines(head);
	g_object_unref(head->sender);
	g_object_unref(head->information);
	g_free(head);
}

/* ---- drawn ---- */

static void show_sender(const struct head *head, struct pages *pages)
{
	const struct box *box = &pages->sheet.sender;
	double height = pages_layout_height(head->sender), y = box->y;
	if (!*pango_layout_get_text(head->sender))
		return;
	if (pages->sheet.sender_in_window) { /* close above the address, with a line below */
		y += box->height - height - 1.5;
		cairo_move_to(pages->cairo, box->x, y + height + 0.5);
		cairo_rel_line_to(pages->cairo, box->width, 0);
		cairo_set_line_width(pages->cairo, 0.3);
		cairo_stroke(pages->cairo);
	}
	pages_show(pages, head->sender, box->x, y);
}

static void show_folds(const struct pages *pages)
{
	for (size_t i = 0; i < G_N_ELEMENTS(pages->sheet.folds) && pages->sheet.folds[i] > 0; i++) {
		cairo_move_to(pages->cairo, 4 * MM, pages->sheet.folds[i]);
		cairo_rel_line_to(pages->cairo, 4 * MM, 0);
	}
	cairo_set_line_width(pages->cairo, 0.3);
	cairo_stroke(pages->cairo);
}

static void show_logo(const struct pages *pages)
{
	const struct box *box = &pages->sheet.logo;
	double width, height;
	picture_size(pages->logo, box->width, box->height, &width, &height);
	picture_show(pages->logo, pages->cairo, box->x + box->width - width, box->y, width, height);
}

static void show_stamp(struct pages *pages, const char *stamp)
{
	PangoLayout *layout = pages_text(pages, stamp, NULL, 30, SPAN_BOLD, -1);
	double width = pages_layout_width(layout);
	cairo_save(pages->cairo);
	cairo_set_source_rgb(pages->cairo, 0.75, 0, 0);
	cairo_move_to(pages->cairo, (pages->sheet.width - width) / 2, 4 * MM);
	pango_cairo_show_layout(pages->cairo, layout);
	cairo_restore(pages->cairo);
	g_object_unref(layout);
}

void head_show(const struct head *head, struct pages *pages, const struct letter_text *letter)
{
	const struct sheet *sheet = &pages->sheet;
	double y = sheet->window.y;
	cairo_set_source_rgb(pages->cairo, 0, 0, 0);
	if (pages->logo)
		show_logo(pages);
	show_sender(head, pages);
	for (size_t i = 0; i < head->line_count; i++) {
		pages_show(pages, head->lines[i], sheet->window.x, y);
		y += pages_layout_height(head->lines[i]);
	}
	pages_show(pages, head->information, sheet->information.x, sheet->information.y);
	if (pages->layout.fold_marks)
		show_folds(pages);
	if (letter->stamp && *letter->stamp)
		show_stamp(pages, letter->stamp);
}
