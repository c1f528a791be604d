/* nurture email TEMPLATE: the message that a lead would get, byte for byte as the channel would send it, but for its links. */
#include "cli/playbook.h"

#include "channel/show.h"
#include "playbook/layout.h"
#include "playbook/site.h"
#include "store/batch.h"
#include "turn/show.h"

#include <stdlib.h>
#include <string.h>

struct showing {
	struct cli *cli;
	struct cli_playbook playbook;
	struct cli_wait wait;
	struct batch *batch;     /* of a real lead */
	json_t *asked;
	struct show_ask ask;
};

/* ---- what is asked ---- */

static int put(const char *option, const char *given, json_t *into)
{
	struct str value = str_of(given), name = str_cut(&value, '=');
	if (!value.p || !name.n) {
		fprintf(stderr, "nurture email: %s %s: write NAME=VALUE.\n", option, given);
		return CLI_WRONG_USAGE;
	}
	char *key = strndup(name.p, name.n);
	json_t *text = json_stringn(value.p, value.n);
	int status = text ? CLI_DONE : cli_refuse("%s %s is not UTF-8 text.", option, given);
	if (text)
		json_object_set_new(into, key, text);
	free(key);
	return status;
}

static int take_fields(struct cli *cli, json_t *fields)
{
	json_t *account = json_object();
	const char *given;
	int status = CLI_DONE;
	for (int i = 0; status == CLI_DONE && (given = cli_option_at(cli, "--field", i)); i++)
		status = strncmp(given, "account.", 8) == 0 ? put("--field", given + 8, account) : put("--field", given, fields);
	if (json_object_size(account))
		json_object_set(fields, "account", account);
	json_decref(account);
	return status;
}

/* Somebody to whom it could go; what --field says goes before. */
static void invent(json_t *fields)
{
	static const struct { const char *name, *value; } usual[] = {
		{"email", "invented@example.com"}, {"first_name", "Iris"}, {"last_name", "Invented"}, {"company", "Example"}};
	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
		if (!json_object_get(fields, usual[i].name))
			json_object_set_new(fields, usual[i].name, json_string(usual[i].value));
}

static int read_asked(struct cli *cli, json_t *asked)
{
	json_t *fields = json_object(), *data = json_object();
	const char *given;
	int status = take_fields(cli, fields);
	for (int i = 0; status == CLI_DONE && (given = cli_option_at(cli, "--data", i)); i++)
		status = put("--data", given, data);
	if (status == CLI_DONE && cli_option(cli, "--lead") && json_object_size(fields)) {
		fprintf(stderr, "nurture email: --lead is a real lead; --field makes one up. Say one or the other.\n");
		status = CLI_WRONG_USAGE;
	}
	if (!cli_option(cli, "--lead"))
		invent(fields);
	json_object_set_new(asked, "template", json_string(cli->args[0]));
	json_object_set_new(asked, "fields", fields);
	if (json_object_size(data))
		json_object_set(asked, "data", data);
	json_decref(data);
	return status;
}

/* ---- the lead ---- */

static void on_facts(void *arg, struct batch *batch, const struct error *error)
{
	struct showing *s = arg;
	s->batch = batch;
	cli_on_done(&s->wait, error);
}

static int load_lead(struct showing *s, const char *text, moment_t now)
{
	const struct playbook *playbook = s->playbook.playbook;
	int64_t lead_id = cli_find_lead(s->cli, text);
	if (!lead_id)
		return CLI_FAILED;
	s->wait = (struct cli_wait){.cli = s->cli};
	store_lead_facts(s->cli->store, &playbook->schema, lead_id, now, playbook_longest_cap(playbook), on_facts, s);
	if (cli_wait(&s->wait))
		return cli_fail(&s->wait.error);
	if (!s->batch->count)
		return cli_refuse("there is no lead %lld.", (long long)lead_id);
	s->ask.lead.known = &s->batch->leads[0].facts;
	return CLI_DONE;
}

/* ---- the command ---- */

/* With its templates, which cli_playbook_load leaves out where the revision is active. */
static int load_playbook(struct showing *s, const char *dir)
{
	struct cli_playbook *p = &s->playbook;
	if (dir ? cli_playbook_read(s->cli, dir, p) : cli_playbook_read_active(s->cli, p))
		return CLI_FAILED;
	p->playbook = playbook_load(&p->files, playbook_site_of(s->cli->config, p->arena), &p->problems);
	if (p->playbook)
		return CLI_DONE;
	cli_playbook_print_problems(p, stderr);
	return cli_refuse("%s has errors.", p->folder);
}

static int print(struct showing *s, const struct shown *shown)
{
	struct cli *cli = s->cli;
	struct error error = {0};
	struct buf bytes = {0};
	const struct message *m = &shown->message;
	struct touch_content content = {.address = m->address, .name = m->name, .unsubscribe_url = m->unsubscribe_url, .postal_address = m->postal_address,
					.fields = &m->fields, .attempt = 1, .now = s->ask.lead.now};
	int status = channel_show_message(cli->config, &shown->touch, &content, s->playbook.arena, &bytes, &error) ? cli_fail(&error) : CLI_DONE;
	if (status == CLI_DONE && (fwrite(bytes.p, 1, bytes.n, stdout) != bytes.n || fflush(stdout)))
		status = cli_refuse("the message could not be written out.");
	buf_fini(&bytes);
	return status;
}

static int show(struct showing *s)
{
	struct cli *cli = s->cli;
	struct error error = {0};
	struct shown shown;
	const char *lead = cli_option(cli, "--lead"), *dir = cli_option(cli, "--playbook");
	moment_t now = real_now();
	if (lead || !dir ? cli_open(cli) || cli_now(cli, &now) : cli_read_config(cli))
		return CLI_FAILED;
	if (load_playbook(s, dir))
		return CLI_FAILED;
	struct arena *arena = s->playbook.arena;
	if (turn_show_read(s->playbook.playbook, s->asked, arena, &s->ask, &error) < 0)
		return cli_fail(&error);
	s->ask.lead.now = now;
	s->ask.public_url = cli->config->public_url;
	s->ask.postal_address = cli->config->postal_address;
	if (lead && load_lead(s, lead, now))
		return CLI_FAILED;
	if (turn_show(s->playbook.playbook, &s->ask, arena, &shown, &error) < 0)
		return cli_fail(&error);
	return print(s, &shown);
}

static int run(struct cli *cli)
{
	if (cli_option(cli, "--layout"))
		return fputs(LAYOUT_TEXT, stdout) < 0 ? CLI_FAILED : CLI_DONE;
	if (!cli->arg_count) {
		fprintf(stderr, "nurture email: TEMPLATE is missing.\n");
		return CLI_WRONG_USAGE;
	}
	struct showing s = {.cli = cli, .asked = json_object()};
	int status = read_asked(cli, s.asked);
	if (status == CLI_DONE)
		status = show(&s);
	store_batch_free(s.batch);
	if (s.playbook.arena)
		cli_playbook_free(&s.playbook);
	json_decref(s.asked);
	return status;
}

extern const struct cli_command cli_email;
const struct cli_command cli_email = {
	.name = "email", .arguments = "TEMPLATE",
	.summary = "The message that a lead would get, as the channel would send it: nurture email welcome --lead ann@example.com > x.eml. Nothing is sent or written.",
	.more = "Its links and the picture that tells of opening begin with preview- and open nothing; all else is what would be sent, made by the same code (also\n"
		"signed, where the channel signs). Without --lead it goes to somebody invented. Campaign, step, purpose and offer are those of the first step with\n"
		"this template. Whether the lead may get it is not asked: nurture simulate does.",
	.options = {
		{"--lead", NULL, "LEAD", "a real one: an id, an e-mail address or an external id"},
		{"--field", NULL, "NAME=VALUE", "of an invented lead (account.NAME=VALUE: of its account); many"},
		{"--data", NULL, "NAME=VALUE", "what the template prints as data.NAME; many"},
		{"--playbook", NULL, "DIR", "the template of this folder (else of the active playbook)"},
		{"--layout", NULL, NULL, "prints our own layout, to begin from: nurture email --layout > templates/email/layout.html"},
	},
	.many = "--field --data", .least = 0, .most = 1, .run = run,
};
