/* Rules, steps, segments and campaigns that are switched off because workers died in them: found again by file and by what
 * they are called, and marked. What is called so no more is passed over. Called by playbook_load. */
#include "playbook/build.h"

static size_t put(char *out, size_t size, size_t n, const char *text)
{
	size_t more = strlen(text), room = n < size ? size - 1 - n : 0;
	more = more < room ? more : room;
	memcpy(out + n, text, more);
	return n + more;
}

static size_t put_one(char *out, size_t size, size_t n, const char *kind, const char *name)
{
	n = put(out, size, n, kind);
	n = put(out, size, n, " \"");
	n = put(out, size, n, name);
	return put(out, size, n, "\"");
}

size_t playbook_context(char *out, size_t size, const char *kind, const char *name, const char *part_kind, const char *part)
{
	size_t n = kind ? put_one(out, size, 0, kind, name) : 0;
	if (kind && part) {
		n = put(out, size, n, ", ");
		n = put_one(out, size, n, part_kind, part);
	}
	out[n] = '\0';
	return n;
}

struct place_name {
	const char *kind, *name, *part_kind, *part;
};

static bool is_off(const struct playbook_files *files, const struct place *at, struct place_name called)
{
	char context[512];
	playbook_context(context, sizeof context, called.kind, called.name, called.part_kind, called.part);
	for (size_t i = 0; i < files->off_count; i++)
		if (strcmp(files->off[i].path, at->file) == 0 && strcmp(files->off[i].context, context) == 0)
			return true;
	return false;
}

/* The structs are const to all but their builder. */
#define OF_BUILDER(type, p) ((type *)(uintptr_t)(p))

static void switch_rules(const struct playbook *playbook, const struct playbook_files *files)
{
	for (size_t i = 0; i < playbook->model_count; i++)
		for (size_t k = 0; k < playbook->models[i].rule_count; k++) {
			const struct rule *rule = &playbook->models[i].rules[k];
			OF_BUILDER(struct rule, rule)->off =
				is_off(files, &rule->at, (struct place_name){"model", playbook->models[i].name, "rule", rule->name});
		}
}

static void switch_campaigns(const struct playbook *playbook, const struct playbook_files *files)
{
	for (size_t i = 0; i < playbook->campaign_count; i++) {
		const struct campaign *campaign = &playbook->campaigns[i];
		OF_BUILDER(struct campaign, campaign)->off = is_off(files, &campaign->at, (struct place_name){"campaign", campaign->name, NULL, NULL});
		for (size_t k = 0; k < campaign->step_count; k++) {
			const struct step *step = &campaign->steps[k];
			OF_BUILDER(struct step, step)->off =
				is_off(files, &step->at, (struct place_name){"campaign", campaign->name, "step", step->name});
		}
	}
}

void build_switched(struct build *b)
{
	const struct playbook *playbook = b->playbook;
	if (!b->files->off_count)
		return;
	switch_rules(playbook, b->files);
	switch_campaigns(playbook, b->files);
	for (size_t i = 0; i < playbook->segment_count; i++) {
		const struct segment *segment = &playbook->segments[i];
		OF_BUILDER(struct segment, segment)->off = is_off(b->files, &segment->at, (struct place_name){"segment", segment->name, NULL, NULL});
	}
	for (size_t i = 0; i < playbook->part_count; i++) {
		const struct people_part *part = &playbook->parts[i];
		OF_BUILDER(struct people_part, part)->off = is_off(b->files, &part->at, (struct place_name){"people", part->key, NULL, NULL});
	}
}
