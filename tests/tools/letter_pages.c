/* Letters from JSON to PDF, for letter_pages_test.py: `letter_pages FILE.pdf < JSON` with {"layout": {"paper", "window", "font", "size", "bleed", "fold_marks", "logo"}, "from": "DE",
 * "letters": [{"address": {…}, "subject", "html", …, "pictures": [{"name", "file"}]}]}. Prints one JSON object a letter: what was missing of its address, its lines, its report. */
#include "address.h"
#include "pages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool take(void *file, const void *bytes, size_t n)
{
	return fwrite(bytes, 1, n, file) == n;
}

static const char *text(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static int choose(const json_t *object, const char *name, const char *const *words)
{
	const char *word = text(object, name);
	for (int i = 0; word && words[i]; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return 0;
}

static gsize load(const char *path, char **bytes)
{
	gsize n = 0;
	*bytes = NULL;
	if (path && !g_file_get_contents(path, bytes, &n, NULL))
		exit(2);
	return n;
}

static void say(const char *missing, const struct post_lines *lines, const struct pages_report *report, const char *problem)
{
	char characters[400];
	pages_missing_text(report, characters, sizeof characters);
	json_t *array = json_array(), *said;
	for (size_t i = 0; i < lines->count; i++)
		json_array_append_new(array, json_string(lines->line[i]));
	said = json_pack("{s:s?, s:o, s:i, s:s, s:s, s:i, s:s, s:s}", "missing", missing, "lines", array, "pages", report->pages, "overflow", report->overflow, "note", report->note, "unknown", (int)report->missing,
			 "characters", characters, "problem", problem);
	json_dumpf(said, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(said);
}

static void write_letter(struct pages *pages, const json_t *l, const char *from)
{
	const json_t *a = json_object_get(l, "address"), *pictures = json_object_get(l, "pictures");
	struct post_address address = {text(a, "name"), text(a, "organisation"), text(a, "street"), text(a, "street2"), text(a, "city"), text(a, "region"), text(a, "postal_code"), text(a, "country")};
	struct pages_picture picture[8] = {0};
	char *bytes[8] = {0};
	struct post_lines lines;
	struct pages_report report = {0};
	struct nurture_problem problem = {.size = sizeof problem};
	post_address_lines(&address, from, text(l, "language"), &lines);
	struct letter_text letter = {.line_count = lines.count, .sender = text(l, "sender"), .date = text(l, "date"), .reference = text(l, "reference"), .subject = text(l, "subject"),
				     .html = text(l, "html"), .language = text(l, "language"), .url = text(l, "url"), .code = text(l, "code"), .invitation = text(l, "invitation"),
				     .stamp = text(l, "stamp"), .pictures = picture};
	memcpy(letter.lines, lines.line, sizeof lines.line);
	for (size_t i = 0; i < json_array_size(pictures) && i < 8; i++) {
		const json_t *p = json_array_get(pictures, i);
		gsize n = load(text(p, "file"), &bytes[i]);
		picture[letter.picture_count++] = (struct pages_picture){text(p, "name"), bytes[i], n};
	}
	bool added = json_is_true(json_object_get(l, "look")) ? pages_look(pages, &letter, &report, &problem) : pages_add(pages, &letter, &report, &problem);
	say(post_address_missing(&address, from), &lines, &report, added ? "" : problem.message);
	post_lines_fini(&lines);
	for (size_t i = 0; i < 8; i++)
		g_free(bytes[i]);
}

int main(int argc, char **argv)
{
	static const char *const papers[] = {"a4", "letter", NULL}, *const windows[] = {"din5008-a", "din5008-b", "us10", NULL};
	json_t *job = json_loadf(stdin, 0, NULL), *l = json_object_get(job, "layout");
	FILE *file = argc == 2 ? fopen(argv[1], "wb") : NULL;
	struct nurture_problem problem = {.size = sizeof problem};
	char *logo;
	gsize n = load(text(l, "logo"), &logo);
	struct pages_layout layout = {.paper = (enum pages_paper)choose(l, "paper", papers), .window = (enum pages_window)choose(l, "window", windows), .font = text(l, "font"),
				      .size = json_number_value(json_object_get(l, "size")), .bleed = json_number_value(json_object_get(l, "bleed")),
				      .fold_marks = json_is_true(json_object_get(l, "fold_marks")), .logo = logo, .logo_length = n, .made_at = 1793000000000000};
	struct pages *pages = file ? pages_open(&layout, take, file, &problem) : NULL;
	if (!pages) {
		fprintf(stderr, "%s\n", problem.message);
		return 1;
	}
	for (size_t i = 0; i < json_array_size(json_object_get(job, "letters")); i++)
		write_letter(pages, json_array_get(json_object_get(job, "letters"), i), text(job, "from"));
	bool good = pages_close(pages, &problem);
	good = !fclose(file) && good;
	if (!good)
		fprintf(stderr, "%s\n", problem.message);
	json_decref(job);
	g_free(logo);
	return !good;
}
