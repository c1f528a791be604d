/* The message that a lead would get, byte for byte as the channel would send it, but for its links: nurture email TEMPLATE, nurture mail preview TEMPLATE. See show.h. */
#include "cli/show.h"

#include "cli/playbook.h"

#include "channel/show.h"
#include "playbook/site.h"
#include "store/batch.h"
#include "turn/show.h"

#include <stdlib.h>
#include <string.h>

struct showing {
	struct cli *cli;
	struct cli_playbook playbook;
	struct batch *batch;     /* of a real lead */
	json_t *asked;
	struct show_ask ask;
};

/* ---- what is asked ---- */

static int put(const struct cli *cli, const char *option, const char *given, json_t *into)
{
	struct str value = str_of(given), name = str_cut(&value, '=');
	if (!value.p || !name.n) {
		fprintf(stderr, "nurture %s: %s %s: write NAME=VALUE.\n", cli->command->name, option, given);
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
		status = strncmp(given, "account.", 8) == 0 ? put(cli, "--field", given + 8, account) : put(cli, "--field", given, fields);
	if (json_object_size(account))
		json_object_set(fields, "account", account);
	json_decref(account);
	return status;
}

/* Somebody to whom it could go; what --field says goes before. */
static void invent(json_t *fields)
{
	static const struct { const char *name, *value; } usual[] = {
		{"email", "invented@example.com"}, {"first_name", "Iris"}, {"last_name", "Invented"}, {"company", "Example"}, {"address", "1 Example Street"},
		{"postal_code", "12345"}, {"city", "Exampletown"}, {"country", "DE"}};
	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
		if (!json_object_get(fields, usual[i].name))
			json_object_set_new(fields, usual[i].name, json_string(usual[i].value));
}

static int read_asked(struct cli *cli, const char *kind, json_t *asked)
{
	json_t *fields = json_object(), *data = json_object();
	const char *given;
	int status = take_fields(cli, fields);
	for (int i = 0; status == CLI_DONE && (given = cli_option_at(cli, "--data", i)); i++)
		status = put(cli, "--data", given, data);
	if (status == CLI_DONE && cli_option(cli, "--lead") && json_object_size(fields)) {
		fprintf(stderr, "nurture %s: --lead is a real lead; --field makes one up. Say one or the other.\n", cli->command->name);
		status = CLI_WRONG_USAGE;
	}
	if (!cli_option(cli, "--lead"))
		invent(fields);
	json_object_set_new(asked, "kind", json_string(kind));
	json_object_set_new(asked, "template", json_string(cli->args[0]));
	json_object_set_new(asked, "fields", fields);
	if (json_object_size(data))
		json_object_set(asked, "data", data);
	json_decref(data);
	return status;
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
					.reply_code = m->reply_code, .reply_url = m->reply_url,
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
	if (lead && cli_lead_facts(s->cli, s->playbook.playbook, lead, now, &s->batch))
		return CLI_FAILED;
	if (lead)
		s->ask.lead.known = &s->batch->leads[0].facts;
	if (turn_show(s->playbook.playbook, &s->ask, arena, &shown, &error) < 0)
		return cli_fail(&error);
	return print(s, &shown);
}

int cli_show(struct cli *cli, const char *kind)
{
	struct showing s = {.cli = cli, .asked = json_object()};
	int status = read_asked(cli, kind, s.asked);
	if (status == CLI_DONE)
		status = show(&s);
	store_batch_free(s.batch);
	if (s.playbook.arena)
		cli_playbook_free(&s.playbook);
	json_decref(s.asked);
	return status;
}
