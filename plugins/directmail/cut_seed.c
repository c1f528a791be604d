/* Decoys: every job goes to addresses of ours, too, one letter of each of its templates, so that somebody sees what came of it and when. They have no touch and no row: no report knows them.
 * What they say the server composes for somebody who does not exist; they stand all over the job, like anybody. */
#include "cut.h"

#include "cut.sql.h"

#include <stdlib.h>
#include <string.h>

enum { DECOYS_MOST = 500 };

static const struct nurture_statement templates_of = {sizeof templates_of, "seed_templates", sql_seed_templates};

/* One that is being composed. */
struct decoy {
	struct cut *cut;
	json_t *seed;   /* {campaign, step, template} */
};

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	return text ? text : "";
}

/* The parts of an address as fields of a lead: the last word of the name is the family's. */
static json_t *fields_of(const json_t *address)
{
	static const struct { const char *part, *field; } parts[] = {
		{"organisation", "company"}, {"street", "address"}, {"city", "city"}, {"region", "region"}, {"postal_code", "postal_code"}, {"country", "country"}};
	const char *name = text_of(address, "name"), *blank = strrchr(name, ' ');
	json_t *fields = json_object();
	if (blank)
		json_object_set_new(fields, "first_name", json_stringn(name, (size_t)(blank - name)));
	if (*name)
		json_object_set_new(fields, "last_name", json_string(blank ? blank + 1 : name));
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (*text_of(address, parts[i].part))
			json_object_set(fields, parts[i].field, json_object_get(address, parts[i].part));
	return fields;
}

static void on_composed(void *arg, const struct nurture_look *look)
{
	struct decoy *decoy = arg;
	struct cut *cut = decoy->cut;
	json_t *content = json_object();
	cut->on_the_way--;
	cut->composing--;
	for (size_t i = 0; i < look->field_count; i++)
		json_object_set_new(content, look->fields[i].name, json_string(look->fields[i].value ? look->fields[i].value : ""));
	if (look->standing == NURTURE_LOOK_GO) {
		cut_pictures_keep(cut, look);
		json_object_set_new(decoy->seed, "content", content);
		json_array_append(cut->seeds, decoy->seed);
	} else {
		json_decref(content);
		cut_fail(cut, "no decoy can be made of template \"%s\": %s", text_of(decoy->seed, "template"), look->reason ? look->reason : "");
	}
	json_decref(decoy->seed);
	free(decoy);
	if (cut->failed)
		cut_step(cut);
	else if (!cut->composing)
		cut_write(cut);
}

static void compose(struct cut *cut, const json_t *address, const struct nurture_rows *rows, size_t i)
{
	struct decoy *decoy = calloc(1, sizeof *decoy);
	json_t *fields = fields_of(address);
	if (!decoy)
		abort();
	*decoy = (struct decoy){cut, json_pack("{s:s, s:s, s:s}", "template", row_text(rows, i, 0), "campaign", row_text(rows, i, 1), "step", row_text(rows, i, 2))};
	cut->on_the_way++;
	cut->composing++;
	cut->office->host->compose(cut->office->host->data, row_text(rows, i, 0), fields, on_composed, decoy);
	json_decref(fields);
}

static void on_templates(void *arg, const struct nurture_answer *answer)
{
	struct cut *cut = arg;
	size_t k, count = 0;
	json_t *address;
	if (!cut_answer(cut, answer))
		return;
	for (size_t i = 0; i < answer->steps[0].rows; i++)
		json_array_foreach (cut->office->settings.seeds, k, address)
			if (count++ < DECOYS_MOST)
				compose(cut, address, &answer->steps[0], i);
	if (!cut->composing)
		cut_write(cut);
}

void cut_seed(struct cut *cut)
{
	struct values v = {0};
	bool none = !json_array_size(cut->office->settings.seeds) || !NURTURE_HAS(cut->office->host, compose);
	if (none || cut->seeds) {
		cut_write(cut);
		return;
	}
	cut->seeds = json_array();
	put_number(&v, cut->id);
	cut_ask(cut, (const struct nurture_step[]){{&templates_of, v.items, v.count}}, 1, true, on_templates, cut);
}
