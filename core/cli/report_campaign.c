/* nurture report campaign NAME: what became of one, of the active playbook or of an earlier one; nurture report campaigns: all of them. Numbers are those of
 * the database; the active playbook only says which steps in which order, and which campaigns live. */
#include "cli/playbook.h"

#include "report/campaign.h"
#include "report/report.h"

#include <stdlib.h>
#include <string.h>

struct looking {
	struct cli_playbook playbook; /* playbook NULL: none is active */
	const char **names;           /* of its campaigns, then of gone ones */
	size_t living, count;
};

/* A server without any playbook has campaigns of none: that is no error here. */
static int look(struct cli *cli, struct looking *l)
{
	const char *const none[1] = {NULL};
	json_t *now = cli_query(cli, "activation_now", none, 0);
	bool any = json_array_size(now) > 0;
	json_decref(now);
	if (!now)
		return CLI_FAILED;
	if (any && cli_playbook_load(cli, NULL, &l->playbook) != CLI_DONE)
		return CLI_FAILED;
	if (!l->playbook.arena)
		l->playbook.arena = arena_new();
	const struct playbook *playbook = l->playbook.playbook;
	l->living = playbook ? playbook->campaign_count : 0;
	l->names = arena_array(l->playbook.arena, l->living + 1, sizeof *l->names);
	for (; l->count < l->living; l->count++)
		l->names[l->count] = playbook->campaigns[l->count].name;
	return CLI_DONE;
}

static void look_end(struct looking *l)
{
	if (l->playbook.playbook)
		playbook_free(l->playbook.playbook);
	if (l->playbook.arena)
		arena_free(l->playbook.arena);
}

/* ---- one that nobody knows ---- */

static int unknown(struct cli *cli, struct looking *l, const char *name)
{
	json_t *rows = cli_query(cli, "report_campaigns", NULL, 0), *row;
	size_t i, room = l->count + json_array_size(rows) + 1;
	const char **names = arena_array(l->playbook.arena, room, sizeof *names);
	memcpy(names, l->names, l->count * sizeof *names);
	json_array_foreach(rows, i, row)
		names[l->count++] = arena_dup(l->playbook.arena, cli_text(row, "campaign"));
	const char *near = str_nearest(str_of(name), names, l->count);
	json_decref(rows);
	return cli_refuse("there is no campaign \"%s\", and there never was one that leads entered.%s%s%s nurture report campaigns lists them.", name,
			  near ? " Did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

/* ---- what a gone one was made of ---- */

static char *templates_of(const json_t *report)
{
	json_t *names = json_array(), *step, *contact;
	size_t i, k;
	json_array_foreach(json_object_get(report, "steps"), i, step)
		json_array_foreach(json_object_get(step, "contacts"), k, contact)
			json_array_append_new(names, json_sprintf("%s/%s", cli_text(contact, "kind"), cli_text(contact, "template")));
	char *text = json_dumps(names, JSON_COMPACT);
	json_decref(names);
	return text;
}

static int add_specification(struct cli *cli, json_t *report)
{
	char *templates = templates_of(report);
	const char *const params[] = {cli_text(report, "revision"), cli_text(report, "campaign"), templates};
	json_t *files = cli_query(cli, "campaign_specification", params, 3);
	free(templates);
	if (!files)
		return CLI_FAILED;
	json_object_set_new(report, "specification", files);
	return CLI_DONE;
}

static void print_specification(const json_t *report)
{
	size_t i;
	json_t *file;
	json_array_foreach(json_object_get(report, "specification"), i, file) {
		const char *path = cli_text(file, "path");
		printf("\n-- %s of revision %.12s\n", path, cli_text(report, "revision"));
		for (struct str rest = str_of(cli_text(file, "text")), line; rest.n;) {
			const char *end = memchr(rest.p, '\n', rest.n);
			line = (struct str){rest.p, end ? (size_t)(end - rest.p) : rest.n};
			rest = (struct str){line.p + line.n + (end != NULL), rest.n - line.n - (end != NULL)};
			for (size_t k = 0; k < line.n && line.p[k] == '\t'; k++)
				putchar('\t');
			while (line.n && *line.p == '\t')
				line.p++, line.n--;
			cli_print_text(stdout, line);
			putchar('\n');
		}
	}
}

/* ---- both commands ---- */

static int print(struct cli *cli, json_t *report)
{
	if (!json_is_true(json_object_get(report, "living")) && add_specification(cli, report)) {
		json_decref(report);
		return CLI_FAILED;
	}
	if (cli->json)
		return cli_print_json(report);
	struct buf out = {0};
	report_campaign_text(report, &out);
	fwrite(out.p, 1, out.n, stdout);
	buf_fini(&out);
	print_specification(report);
	json_decref(report);
	return CLI_DONE;
}

static int report_one(struct cli *cli, struct looking *l, const char *name)
{
	const char *const params[] = {name};
	const struct campaign *campaign = l->playbook.playbook ? playbook_campaign(l->playbook.playbook, str_of(name)) : NULL;
	json_t *rows = cli_query(cli, "report_campaign", params, 1);
	if (!rows)
		return CLI_FAILED;
	json_t *row = json_incref(json_array_get(rows, 0));
	json_decref(rows);
	if (!row && !campaign)
		return unknown(cli, l, name);
	struct report_campaign_of of = {.name = name, .title = campaign ? campaign->title ? campaign->title : "" : NULL, .step_count = campaign ? campaign->step_count : 0};
	const char **steps = arena_array(l->playbook.arena, of.step_count + 1, sizeof *steps);
	for (size_t i = 0; i < of.step_count; i++)
		steps[i] = campaign->steps[i].name;
	of.steps = steps;
	return print(cli, report_campaign(row, &of));
}

int cli_report_campaign(struct cli *cli, const char *name)
{
	struct looking l = {0};
	if (!name) {
		fprintf(stderr, "nurture report campaign: of which? nurture report campaigns lists them.\n");
		return CLI_WRONG_USAGE;
	}
	int status = cli_open(cli) || look(cli, &l) ? CLI_FAILED : report_one(cli, &l, name);
	look_end(&l);
	return status;
}

int cli_report_campaigns(struct cli *cli, const struct report_column *columns)
{
	struct looking l = {0};
	int status = CLI_FAILED;
	if (!cli_open(cli) && !look(cli, &l)) {
		json_t *rows = cli_query(cli, "report_campaigns", NULL, 0);
		if (rows)
			report_campaigns_living(rows, l.names, l.living);
		status = cli_print_rows(cli, columns, rows);
	}
	look_end(&l);
	return status;
}
