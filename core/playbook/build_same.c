/* Who is one person by the playbook's rule: `playbook "x" { same_person = { "phone", { "last_name", "company", "country" } } }`. Each line names fields
 * that two leads must have alike, all of them, none of them empty. Read once with the frame of the playbook; the store finds those alike, by an index:
 * so a line has the phone, or the last name beside the company or the postal code. */
#include "playbook/build.h"

static const char *const may_name[] = {"phone", "first_name", "last_name", "company", "country", "postal_code", "city", "address"};
enum { MAY_NAME = sizeof may_name / sizeof *may_name };

static bool names(const char *const *fields, size_t count, const char *field)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(fields[i], field) == 0)
			return true;
	return false;
}

static bool read_field(struct build *b, struct place at, const struct detail *d, const char **fields, size_t *count)
{
	if (d->kind != DETAIL_TEXT) {
		build_error(b, at, "same_person lists fields that two leads have alike: { \"phone\", { \"last_name\", \"company\", \"country\" } }.");
		return false;
	}
	if (!names(may_name, MAY_NAME, d->text.p)) {
		build_error(b, at, "nobody is the same person by \"%s\".%s It can be: %s.", d->text.p, build_near(b, d->text.p, may_name, MAY_NAME),
			    build_join(b, may_name, MAY_NAME));
		return false;
	}
	if (names(fields, *count, d->text.p)) {
		build_error(b, at, "same_person names \"%s\" twice in one line.", d->text.p);
		return false;
	}
	fields[(*count)++] = d->text.p;
	return true;
}

/* "last_name company country", or NULL with a message. */
static const char *read_line(struct build *b, struct place at, const struct detail *line)
{
	const char *fields[MAY_NAME] = {NULL}, *text = "";
	size_t count = 0;
	bool good = line->kind != DETAIL_TABLE || line->table->property_count == 0;
	if (line->kind != DETAIL_TABLE)
		good = read_field(b, at, line, fields, &count);
	else
		for (size_t i = 0; good && i < line->table->part_count; i++)
			good = read_field(b, at, &line->table->parts[i], fields, &count);
	if (!good)
		return NULL;
	bool home = names(fields, count, "last_name") && (names(fields, count, "company") || names(fields, count, "postal_code"));
	if (!home && !names(fields, count, "phone")) {
		build_error(b, at, "{ %s } is too little to say that two leads are one person. A line has \"phone\", or \"last_name\" with \"company\" or \"postal_code\".",
			    count ? build_join(b, fields, count) : "");
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		text = arena_printf(b->arena, "%s%s%s", text, i ? " " : "", fields[i]);
	return text;
}

void build_same_person(struct build *b, const struct phrase *phrase)
{
	const struct detail *d = detail_of(phrase, "same_person");
	size_t count = 0, lines = !d ? 0 : d->kind == DETAIL_TABLE ? d->table->part_count : 1;
	const char **all = arena_array(b->arena, lines + 1, sizeof *all);
	if (d && d->kind == DETAIL_TABLE && (d->table->property_count || !lines))
		build_error(b, phrase->at, "same_person lists fields that two leads have alike: { \"phone\", { \"last_name\", \"company\", \"country\" } }.");
	for (size_t i = 0; i < lines; i++) {
		const char *line = read_line(b, phrase->at, d->kind == DETAIL_TABLE ? &d->table->parts[i] : d);
		if (line)
			all[count++] = line;
	}
	b->playbook->same_person = all;
	b->playbook->same_person_count = count;
}
