/* A small playbook for the tests of templates: schema, models, grades, assets, and one lead; templates from texts. */
#ifndef NURTURE_TESTS_PLAYBOOK_TEMPLATE_KIT_H
#define NURTURE_TESTS_PLAYBOOK_TEMPLATE_KIT_H

#include "playbook/template.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const kit_choices[] = {"now", "later", NULL};
static struct field kit_lead_fields[LEAD_STANDARD_COUNT + 5];
static const struct model kit_models[] = {{.name = "nature"}, {.name = "nurture"}};
static const struct grades kit_grades[] = {{.name = "main"}};
static const struct asset kit_assets[] = {
	{.name = "security-guide",
	 .title = "The security guide <2027>",
	 .kind = "white-paper",
	 .url = "https://example.com/guide?a=1&b=2"},
	{.name = "price-list", .title = "Prices", .kind = "prices", .url = "/pricing"},
	{.name = "handbook", .title = "Handbook", .kind = "product", .file = "handbook.pdf"},
};
static const char *const kit_email_fields[] = {"!subject", "from", "reply_to", NULL};
static const struct playbook_channel kit_channels[] = {
	{.name = "email", .kind = "email", .template_fields = kit_email_fields, .body = "markdown"},
	{.name = "text", .kind = "text", .body = "text"},
};
static const struct topic kit_topics[] = {{.name = "events", .label = "Events"}};
enum { KIT_TIMING = LEAD_STANDARD_COUNT, KIT_EMPLOYEES, KIT_MEETING, KIT_VIP, KIT_TOPICS, KIT_FIELDS };

struct kit {
	struct arena *arena;
	struct playbook playbook;
	struct problems problems;
	struct playbook_file files[16];
	struct playbook_files list;
	struct value fields[KIT_FIELDS];
	struct lead lead;
	struct touch touch;
	struct score scores[3];
	struct template_input input;
	struct template_fields out;
	struct error error;
};

static struct value kit_text(const char *text)
{
	return (struct value){.type = VALUE_TEXT, .text = str_of(text)};
}

static const char *kit_page(void *arg, enum template_page kind, const struct asset *asset)
{
	(void)arg;
	if (kind == PAGE_REPLY || kind == PAGE_REPLY_CODE)
		return kind == PAGE_REPLY ? "https://go.example.com/r/C0DE" : "C0DE";
	return kind == PAGE_CONFIRM ? "https://go.example.com/y/t" : kind == PAGE_REFER ? NULL : asset->name;
}

static void kit_begin(struct kit *kit)
{
	static const struct str topics[] = {{"security", 8}, {"cloud", 5}};
	memset(kit, 0, sizeof *kit);
	kit->arena = arena_new();
	kit->problems.arena = kit->arena;
	memcpy(kit_lead_fields, model_lead_fields, sizeof model_lead_fields);
	kit_lead_fields[KIT_TIMING] =
		(struct field){.name = "timing", .type = FIELD_CHOICE, .choices = kit_choices, .choice_count = 2};
	kit_lead_fields[KIT_EMPLOYEES] = (struct field){.name = "employees", .type = FIELD_NUMBER};
	kit_lead_fields[KIT_MEETING] = (struct field){.name = "meeting_day", .type = FIELD_DATE};
	kit_lead_fields[KIT_VIP] = (struct field){.name = "vip", .type = FIELD_YES_NO};
	kit_lead_fields[KIT_TOPICS] = (struct field){.name = "topics", .type = FIELD_CHOICES};
	kit->playbook = (struct playbook){
		.name = "acme",
		.title = "Acme Security",
		.time_zone = "Europe/Berlin",
		.language = "en",
		.schema = {kit_lead_fields, KIT_FIELDS, model_account_fields, ACCOUNT_STANDARD_COUNT},
		.models = kit_models,
		.model_count = 2,
		.grades = kit_grades,
		.grades_count = 1,
		.assets = kit_assets,
		.asset_count = 3,
		.topics = kit_topics,
		.topic_count = 1,
	};
	kit->fields[LEAD_EMAIL] = kit_text("ada@example.com");
	kit->fields[LEAD_FIRST_NAME] = kit_text("Ada");
	kit->fields[LEAD_COMPANY] = kit_text("Fish & Sons <Ltd>");
	kit->fields[LEAD_TIME_ZONE] = kit_text("America/New_York");
	kit->fields[KIT_TIMING] = kit_text("now");
	kit->fields[KIT_EMPLOYEES] = (struct value){.type = VALUE_NUMBER, .number = 250};
	kit->fields[KIT_MEETING] =
		(struct value){.type = VALUE_DATE, .date = 1805328000 * MOMENT_SECOND}; /* 2027-03-18 */
	kit->fields[KIT_VIP] = (struct value){.type = VALUE_YES_NO, .yes = true};
	kit->fields[KIT_TOPICS] = (struct value){.type = VALUE_LIST, .list = {topics, 2}};
	kit->lead = (struct lead){.id = 64, .stage = STAGE_ENGAGED, .fields = kit->fields};
	kit->touch = (struct touch){.campaign = STR("drip"), .step = STR("next-read"), .purpose = STR("marketing")};
	kit->scores[0] = (struct score){.name = STR("nature"), .points = 55};
	kit->scores[1] =
		(struct score){.name = STR("main"), .is_grade = true, .grade = STR("A1"), .band = STR("ready")};
	kit->input = (struct template_input){
		.view = {.lead = &kit->lead, .now = 1805378400 * MOMENT_SECOND}, /* 2027-03-18 14:00 UTC */
		.touch = &kit->touch,
		.unsubscribe_url = "https://go.example.com/u/tok-en",
		.postal_address = "Acme, 1 Main St\nBerlin",
		.public_url = "https://go.example.com",
		.page = kit_page,
		.scores = kit->scores,
		.score_count = 2,
	};
	kit->list.files = kit->files;
}

static void kit_add(struct kit *kit, const char *path, const char *text)
{
	kit->files[kit->list.count++] = (struct playbook_file){path, str_of(text)};
}

static void kit_load(struct kit *kit)
{
	struct playbook_site site = {.channels = kit_channels, .channel_count = 2};
	kit->playbook.templates = templates_load(&kit->playbook, &kit->list, &site, &kit->problems);
}

static void kit_end(struct kit *kit)
{
	templates_free(kit->playbook.templates);
	arena_free(kit->arena);
}

/* The field of templates/KIND/t.md, or NULL with kit->error. */
static const char *kit_render(struct kit *kit, const char *kind, const char *field)
{
	error_clear(&kit->error);
	if (playbook_render(&kit->playbook, str_of(kind), STR("t"), &kit->input, kit->arena, &kit->out, &kit->error) <
	    0)
		return NULL;
	for (size_t i = 0; i < kit->out.count; i++)
		if (strcmp(kit->out.items[i].name, field) == 0)
			return kit->out.items[i].value.p;
	return NULL;
}

/* "file:line: message\n" of every problem. */
static const char *kit_problems(struct kit *kit)
{
	char *text = arena_dup(kit->arena, "");
	for (size_t i = 0; i < kit->problems.count; i++)
		text = arena_printf(kit->arena, "%s%s:%d: %s\n", text, kit->problems.items[i].at.file,
				    kit->problems.items[i].at.line, kit->problems.items[i].message);
	return text;
}

#endif
