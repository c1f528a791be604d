/* nurture campaign: a campaign read back in plain sentences, with how many stand where, or drawn (--dot). nurture check --explain says the same of a
 * folder. Numbers come from the database when there is one; without, the sentences stand without them. */
#include "cli/playbook.h"

#include "playbook/dot.h"
#include "playbook/read_back.h"
#include "store/scan.h"
#include "turn/stand.h"
#include "turn/wants.h"

#include <stdlib.h>
#include <unistd.h>

/* ---- for whom its enter condition holds now ---- */

struct counting {
	struct playbook *playbook;
	size_t campaign;
	moment_t now;
	int64_t count, seen;
	struct cli_progress bar;
};

static int count_page(void *arg, struct batch *page, struct error *error)
{
	struct counting *c = arg;
	for (size_t i = 0; i < page->count; i++) {
		struct turn_facts facts;
		struct turn_stand stand;
		if (turn_facts_read(&facts, &page->leads[i].facts, c->now, page->arena, error) < 0 ||
		    turn_stand(c->playbook, &facts, false, page->arena, &stand, error) < 0)
			return -1;
		c->count += stand.enters[c->campaign];
	}
	c->seen += (int64_t)page->count;
	cli_progress_show(&c->bar, c->seen, 0);
	return 0;
}

static int64_t enter_now(struct cli *cli, struct cli_playbook *p, const struct campaign *campaign)
{
	struct error error = {0};
	struct counting c = {.playbook = p->playbook, .campaign = (size_t)(campaign - p->playbook->campaigns), .bar = {.what = "leads looked at:"}};
	struct scan_request request = {.schema = &p->playbook->schema};
	if (!campaign->enter || campaign->enter->kind == CONDITION_ON || cli_now(cli, &c.now))
		return -1;
	turn_wants(p->playbook, p->arena, &request.wants);
	request.now = c.now;
	int failed = store_scan(cli->loop, cli->store, &request, count_page, &c, &error);
	cli_progress_end(&c.bar);
	if (failed)
		cli_fail(&error);
	return failed ? -1 : c.count;
}

/* ---- how many stand where ---- */

static int64_t *count_steps(const struct campaign *campaign, json_t *steps, struct arena *arena, int64_t *in)
{
	int64_t *on_step = arena_array(arena, campaign->step_count + 1, sizeof *on_step);
	size_t i;
	json_t *row;
	json_array_foreach(steps, i, row) {
		int64_t here = json_integer_value(json_object_get(row, "active")) + json_integer_value(json_object_get(row, "held"));
		const struct step *step = campaign_step(campaign, str_of(cli_text(row, "step")));
		*in += here;
		if (step)
			on_step[step - campaign->steps] += here;
	}
	return on_step;
}

static int numbers(struct cli *cli, struct cli_playbook *p, const struct campaign *campaign, struct read_back_numbers *out)
{
	const char *const params[] = {campaign->name, "true"};
	json_t *rows = cli_query(cli, "campaign_get", params, 2), *row = json_array_get(rows, 0);
	*out = (struct read_back_numbers){.held_out = json_integer_value(json_object_get(row, "held_out")), .paused = json_integer_value(json_object_get(row, "paused")),
					  .paused_at = arena_dup(p->arena, cli_text(row, "paused_at"))};
	out->on_step = count_steps(campaign, json_object_get(row, "steps"), p->arena, &out->in);
	json_decref(rows);
	out->enter_now = rows ? enter_now(cli, p, campaign) : -1;
	return rows ? 0 : -1;
}

int cli_campaign_explain(struct cli *cli, struct cli_playbook *p, const char *name)
{
	const struct campaign *campaign = playbook_campaign(p->playbook, str_of(name));
	struct read_back_numbers known;
	struct buf text = {0};
	if (!campaign) {
		const char **names = arena_array(p->arena, p->playbook->campaign_count + 1, sizeof *names);
		for (size_t i = 0; i < p->playbook->campaign_count; i++)
			names[i] = p->playbook->campaigns[i].name;
		const char *near = str_nearest(str_of(name), names, p->playbook->campaign_count);
		return cli_refuse("there is no campaign \"%s\".%s%s%s", name, near ? " Did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	}
	if (cli_option(cli, "--dot"))
		playbook_dot(p->playbook, campaign, &text);
	else
		playbook_read_back(p->playbook, campaign, cli->store && numbers(cli, p, campaign, &known) == 0 ? &known : NULL, &text);
	fwrite(text.p, 1, text.n, stdout);
	buf_fini(&text);
	return CLI_DONE;
}

bool cli_has_database(const struct cli *cli)
{
	char path[4096];
	if (!cli->config_path || !cli->config)
		return false;
	snprintf(path, sizeof path, "%s/postgres/PG_VERSION", cli->config->data_dir);
	return cli->config->database || access(path, F_OK) == 0;
}

static int run(struct cli *cli)
{
	struct cli_playbook p = {0};
	const char *dir = cli_option(cli, "--playbook");
	if (dir ? cli_playbook_config(cli) : cli_open(cli))
		return CLI_FAILED;
	if (dir && !cli_option(cli, "--dot") && cli_has_database(cli) && cli_open(cli))
		return CLI_FAILED;
	int status = cli_playbook_load(cli, dir, &p);
	if (status == CLI_DONE)
		status = cli_campaign_explain(cli, &p, cli->args[0]);
	if (p.arena)
		cli_playbook_free(&p);
	return status;
}

extern const struct cli_command cli_campaign;
const struct cli_command cli_campaign = {
	.name = "campaign", .arguments = "NAME", .summary = "A campaign read back in plain sentences, with how many stand where; --dot: drawn.",
	.more = "  nurture campaign drip --dot | dot -Tsvg > drip.svg",
	.options = {
		{"--dot", NULL, NULL, "the flow as a drawing, in the language of Graphviz"},
		{"--playbook", NULL, "DIR", "of the playbook in this folder (else the active one)"},
	},
	.least = 1, .most = 1, .run = run,
};
