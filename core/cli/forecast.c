/* nurture forecast: how many contacts a campaign will make a day, from the real leads and the answers measured so far. */
#include "cli/playbook.h"

#include "jobs/forecast.h"
#include "turn/forecast.h"

#include <stdlib.h>

static bool on_progress(void *arg, int64_t done, int64_t total)
{
	cli_progress_show(arg, done, total);
	return false;
}

static double number(const json_t *row, const char *key)
{
	return json_number_value(json_object_get(row, key));
}

static void print_channels(const json_t *result)
{
	size_t i, k;
	json_t *channel, *day;
	json_array_foreach(json_object_get(result, "channels"), i, channel) {
		const json_t *most = json_object_get(channel, "most");
		printf("%-8s %.0f", cli_text(channel, "kind"), number(channel, "total"));
		if (number(channel, "error") >= 0.5)
			printf(" ± %.0f", number(channel, "error"));
		printf(" in all; most on %s: %.0f\n", cli_text(most, "date"), number(most, "touches"));
	}
	json_array_foreach(json_object_get(result, "channels"), i, channel) {
		printf("\n%s\n", cli_text(channel, "kind"));
		json_array_foreach(json_object_get(channel, "by_day"), k, day) {
			printf("  day %3.0f  %s  %10.1f", number(day, "day"), cli_text(day, "date"), number(day, "touches"));
			if (number(day, "error") >= 0.1)
				printf(" ± %.1f", number(day, "error"));
			printf("\n");
		}
	}
}

static void print_odds(const json_t *result)
{
	size_t i, k;
	json_t *step, *answer, *note;
	json_array_foreach(json_object_get(result, "rates"), i, step) {
		printf("step %s, %s:", cli_text(step, "step"), number(step, "measured") > 0 ? "as measured" : "not measured yet");
		json_array_foreach(json_object_get(step, "answers"), k, answer)
			printf("%s %s %.1f%%", k ? "," : "", cli_text(answer, "answer"), 100 * number(answer, "share"));
		if (number(step, "measured") > 0)
			printf(" (of %.0f)", number(step, "measured"));
		printf("\n");
	}
	json_array_foreach(json_object_get(result, "notes"), i, note)
		printf("note: %s\n", json_string_value(note));
}

static void print(const json_t *result)
{
	const json_t *leads = json_object_get(result, "leads"), *walked = json_object_get(result, "walked");
	size_t i;
	json_t *held;
	printf("%s, %.0f days from %s: %.0f leads stand in it", cli_text(result, "campaign"), number(result, "days"), cli_text(result, "from"), number(leads, "inside"));
	if (cli_text(result, "segment")[0])
		printf(", %.0f of segment \"%s\" would enter now", number(leads, "entering"), cli_text(result, "segment"));
	printf(". Dates are those of %s.\n", cli_text(result, "zone"));
	if (number(walked, "inside") < number(leads, "inside") || number(walked, "entering") < number(leads, "entering"))
		printf("Walked were %.0f and %.0f of them; ± is the 95%% interval of that.\n", number(walked, "inside"), number(walked, "entering"));
	printf("\n");
	print_channels(result);
	printf("\n");
	json_array_foreach(json_object_get(result, "held"), i, held) {
		printf("held back: %.0f %s: ", number(held, "touches"), cli_text(held, "kind"));
		cli_print_text(stdout, str_of(cli_text(held, "reason")));
		printf("\n");
	}
	print_odds(result);
}

static int run(struct cli *cli)
{
	struct error error = {0};
	struct cli_playbook p = {0};
	struct cli_progress bar = {.what = "leads walked:"};
	int64_t days = SIMULATE_DAYS, sample = FORECAST_SAMPLE;
	const char *given_days = cli_option(cli, "--days"), *given_sample = cli_option(cli, "--sample");
	if ((given_days && cli_number("--days", given_days, 1, FORECAST_DAYS_MOST, &days)) ||
	    (given_sample && cli_number("--sample", given_sample, 1, FORECAST_SAMPLE_MOST, &sample)))
		return CLI_WRONG_USAGE;
	int status = cli_open(cli) ? CLI_FAILED : cli_playbook_load(cli, cli_option(cli, "--playbook"), &p);
	if (status == CLI_DONE) {
		struct forecast_ask ask = {.loop = cli->loop, .store = cli->store, .config = cli->config, .playbook = p.playbook, .campaign = cli->args[0], .segment = cli_option(cli, "--segment"),
					   .days = (int)days, .sample = (int)sample, .progress = on_progress, .arg = &bar};
		json_t *result = forecast_run(&ask, &error);
		cli_progress_end(&bar);
		status = result ? CLI_DONE : cli_fail(&error);
		if (result && cli->json)
			cli_print_json(json_incref(result));
		else if (result)
			print(result);
		json_decref(result);
	}
	if (p.arena)
		cli_playbook_free(&p);
	return status;
}

extern const struct cli_command cli_forecast;
const struct cli_command cli_forecast = {
	.name = "forecast", .arguments = "CAMPAIGN", .summary = "How many contacts of each channel a day a campaign will make, from the real leads. Nothing is sent.",
	.more = "Everybody who stands in it goes on; with --segment everybody in it enters now. Leads are walked as nurture simulate does, with answers drawn as they were\n"
		"measured so far (even odds where nothing is). Of more than --sample leads in a group so many are walked and stand for all: ± says how sure that is.",
	.options = {
		{"--segment", NULL, "NAME", "its leads enter the campaign now (else only those who stand in it)"},
		{"--days", NULL, "N", "how many: 1 to 730 (60)"},
		{"--sample", NULL, "N", "how many leads of each group are walked: 1 to 100000 (1000)"},
		{"--playbook", NULL, "DIR", "by the playbook in this folder (else the active one)"},
	},
	.least = 1, .most = 1, .json = true, .plugins = true, .run = run,
};
