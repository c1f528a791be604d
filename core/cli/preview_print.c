/* What would change, for a person: from the JSON of preview_run. Called by preview.c. Of a table of grades only the lines and columns that move are shown. */
#include "cli/preview.h"

#include <string.h>

enum { GRADES_MOST = 21, EXAMPLES_SHOWN = 6, RULES_SHOWN = 8 };

static json_int_t number_of(const json_t *json, const char *key)
{
	return json_integer_value(json_object_get(json, key));
}

/* 48,210 */
static const char *grouped(json_int_t n, char out[32])
{
	char digits[24];
	int count = snprintf(digits, sizeof digits, "%lld", (long long)n), k = 0;
	for (int i = 0; i < count; i++) {
		if (i && digits[i - 1] != '-' && (count - i) % 3 == 0)
			out[k++] = ',';
		out[k++] = digits[i];
	}
	out[k] = '\0';
	return out;
}

/* whom: "lead" or "account" */
static const char *number(json_int_t n, const char *whom, char out[64])
{
	char text[32];
	snprintf(out, 64, "%s %s%s", grouped(n, text), whom, n == 1 ? "" : "s");
	return out;
}

static const char *leads(json_int_t n, char out[64])
{
	return number(n, "lead", out);
}

static json_int_t counted(const json_t *json, const char *whom)
{
	return number_of(json, strcmp(whom, "lead") == 0 ? "leads" : "accounts");
}

static const char *state_of(const json_t *json)
{
	return json_object_get(json, "new") ? " (new)" : json_object_get(json, "gone") ? " (gone)" : "";
}

static void print_models(const json_t *list, const char *whom)
{
	size_t i;
	json_t *m;
	char n[32], up[32], down[32], both[64];
	json_array_foreach(list, i, m) {
		printf("\nmodel \"%s\"%s", cli_text(m, "model"), state_of(m));
		if (json_object_get(m, "gone")) {
			printf(": %s lose%s score\n", number(number_of(m, "changed"), whom, both), number_of(m, "changed") == 1 ? "s its" : " their");
			continue;
		}
		printf(": %s score%s change, %s up, %s down", grouped(number_of(m, "changed"), n), number_of(m, "changed") == 1 ? "" : "s", grouped(number_of(m, "up"), up),
		       grouped(number_of(m, "down"), down));
		if (json_object_get(m, "mean_before"))
			printf(" (mean %.1f → %.1f)", json_real_value(json_object_get(m, "mean_before")), json_real_value(json_object_get(m, "mean_after")));
		printf("\n");
	}
}

/* ---- grades ---- */

static size_t place_of(const char **names, size_t *count, const char *name)
{
	for (size_t i = 0; i < *count; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	if (*count < GRADES_MOST)
		names[(*count)++] = name;
	return *count - 1;
}

static void sort_names(const char **names, size_t count)
{
	for (size_t i = 1; i < count; i++)
		for (size_t k = i; k > 0 && names[k][0] && (!names[k - 1][0] || strcmp(names[k - 1], names[k]) > 0); k--) {
			const char *name = names[k];
			names[k] = names[k - 1];
			names[k - 1] = name;
		}
}

static void print_matrix(const json_t *moves, const char *whom)
{
	const char *from[GRADES_MOST], *to[GRADES_MOST];
	json_int_t cells[GRADES_MOST][GRADES_MOST] = {{0}};
	size_t i, rows = 0, columns = 0;
	json_t *move;
	char text[32];
	json_array_foreach(moves, i, move) {
		place_of(from, &rows, cli_text(move, "from"));
		place_of(to, &columns, cli_text(move, "to"));
	}
	sort_names(from, rows);
	sort_names(to, columns);
	json_array_foreach(moves, i, move)
		cells[place_of(from, &rows, cli_text(move, "from"))][place_of(to, &columns, cli_text(move, "to"))] += counted(move, whom);
	printf("  from \\ to");
	for (size_t k = 0; k < columns; k++)
		printf(" %9s", to[k][0] ? to[k] : "none");
	printf("\n");
	for (i = 0; i < rows; i++) {
		printf("  %9s", from[i][0] ? from[i] : "none");
		for (size_t k = 0; k < columns; k++)
			printf(" %9s", cells[i][k] ? grouped(cells[i][k], text) : ".");
		printf("\n");
	}
}

static void print_bands(const json_t *moves, const char *whom)
{
	size_t i;
	json_t *move;
	char text[32];
	json_array_foreach(moves, i, move) {
		const char *from = cli_text(move, "from"), *to = cli_text(move, "to");
		printf("%s%s %s → %s", i ? ", " : "  bands: ", grouped(counted(move, whom), text), from[0] ? from : "none", to[0] ? to : "none");
	}
	if (json_array_size(moves))
		printf("\n");
}

static void print_grades(const json_t *list, const char *whom)
{
	size_t i;
	json_t *table;
	char text[64];
	json_array_foreach(list, i, table) {
		printf("\ngrades \"%s\"%s: %s move%s\n", cli_text(table, "grades"), state_of(table), number(number_of(table, "moved"), whom, text),
		       number_of(table, "moved") == 1 ? "s" : "");
		if (json_array_size(json_object_get(table, "moves")))
			print_matrix(json_object_get(table, "moves"), whom);
		print_bands(json_object_get(table, "bands"), whom);
	}
}

/* ---- what follows ---- */

static void print_segments(const json_t *list)
{
	size_t i;
	json_t *s;
	char enter[32], leave[32], before[32], after[32];
	json_array_foreach(list, i, s)
		printf("%ssegment \"%s\"%s: %s enter, %s leave (%s → %s)\n", i ? "" : "\n", cli_text(s, "segment"), state_of(s), grouped(number_of(s, "enter"), enter),
		       grouped(number_of(s, "leave"), leave), grouped(number_of(s, "before"), before), grouped(number_of(s, "after"), after));
}

static void print_stages(const json_t *list)
{
	size_t i;
	json_t *s;
	char text[64];
	json_array_foreach(list, i, s)
		printf("%sstage \"%s\": set for %s\n", i ? "" : "\n", cli_text(s, "stage"), leads(number_of(s, "leads"), text));
}

/* PLAYBOOK message 48. */
static void print_campaigns(const json_t *list)
{
	size_t i;
	json_t *c;
	char text[64];
	json_array_foreach(list, i, c) {
		bool existing = json_is_true(json_object_get(c, "existing"));
		printf("%s%s: campaign \"%s\": %s has %s now. %s\n", i ? "" : "\n", cli_text(c, "where"), cli_text(c, "campaign"), cli_text(c, "asks"),
		       leads(number_of(c, "leads"), text), 
		       existing && json_is_true(json_object_get(c, "one_of_account")) ? "Of each account one enters at once: existing = true (holdout and again hold)."
		       : existing ? "They enter at once: existing = true (holdout and again hold)." : "They will not enter; existing = true lets them in.");
	}
}

static void print_contact(const char *word, const json_t *contact)
{
	printf("; %s: %s \"%s\"%s%s", word, cli_text(contact, "channel"), cli_text(contact, "template"), cli_text(contact, "due")[0] ? ", " : "", cli_text(contact, "due"));
}

static void print_place(const json_t *step)
{
	const json_t *next = json_object_get(step, "next"), *before = json_object_get(step, "before");
	char text[64];
	printf("  %s on step \"%s\"", leads(number_of(step, "leads"), text), cli_text(step, "step"));
	if (!json_is_string(json_object_get(step, "to"))) {
		printf(": it is gone. They would be stranded\n");
		return;
	}
	if (json_is_true(json_object_get(step, "moved")))
		printf(" → step \"%s\"", cli_text(step, "to"));
	if (next)
		print_contact("next", next);
	else
		printf("; next: no contact any more");
	if (before && (strcmp(cli_text(before, "template"), cli_text(next, "template")) != 0 || strcmp(cli_text(before, "due"), cli_text(next, "due")) != 0 ||
		       strcmp(cli_text(before, "channel"), cli_text(next, "channel")) != 0))
		print_contact("until now", before);
	else if (!before && next)
		printf("; until now: none");
	printf("\n");
}

static void print_inside(const json_t *list)
{
	size_t i, k;
	json_t *c, *step;
	char text[64];
	json_array_foreach(list, i, c) {
		printf("\ncampaign \"%s\" %s; inside: %s\n", cli_text(c, "campaign"), json_object_get(c, "gone") ? "is gone" : "changes", leads(number_of(c, "leads"), text));
		json_array_foreach(json_object_get(c, "steps"), k, step)
			print_place(step);
	}
}

static void print_parked(const json_t *preview)
{
	json_int_t n = number_of(preview, "parked");
	char text[64];
	if (n)
		printf("\n%s %s parked: %s gone with an earlier revision, and this one does not say where they go either.\n", leads(n, text), n == 1 ? "stays" : "stay",
		       n == 1 ? "its step was" : "their steps were");
}

static void print_errors(const json_t *list)
{
	size_t i;
	json_t *e;
	char text[64];
	json_array_foreach(list, i, e) {
		printf("%s%s: %s fails for %s (first: %lld), and changes nothing there", i ? "" : "\n", cli_text(e, "where"), cli_text(e, "context"),
		       leads(number_of(e, "leads"), text), (long long)number_of(e, "first"));
		if (cli_text(e, "message")[0]) {
			printf(": ");
			cli_print_text(stdout, str_of(cli_text(e, "message")));
		}
		printf("\n");
	}
}

/* ---- examples ---- */

static void print_rule(const json_t *rule)
{
	json_int_t before = number_of(rule, "before"), after = number_of(rule, "after");
	printf("      %+lld  %s", (long long)(after - before), cli_text(rule, "rule")[0] ? cli_text(rule, "rule") : cli_text(rule, "because"));
	if (cli_text(rule, "rule")[0] && cli_text(rule, "because")[0]) {
		printf(": ");
		cli_print_text(stdout, str_of(cli_text(rule, "because")));
	}
	if (cli_text(rule, "where")[0])
		printf("  (%s; %lld → %lld)", cli_text(rule, "where"), (long long)before, (long long)after);
	printf("\n");
}

static void print_example_model(const json_t *model)
{
	size_t i;
	json_t *rule, *rules = json_object_get(model, "rules");
	printf("    %s %lld → %lld\n", cli_text(model, "model"), (long long)number_of(model, "before"), (long long)number_of(model, "after"));
	json_array_foreach(rules, i, rule)
		if (i < RULES_SHOWN)
			print_rule(rule);
	if (json_array_size(rules) > RULES_SHOWN)
		printf("      and %zu more rules\n", json_array_size(rules) - RULES_SHOWN);
}

static void print_names(const json_t *names, const char *word)
{
	size_t i;
	json_t *name;
	json_array_foreach(names, i, name)
		printf("; %s %s", word, json_string_value(name));
}

static void print_example(const json_t *example)
{
	size_t i;
	json_t *item;
	const json_t *stage = json_object_get(example, "stage"), *segments = json_object_get(example, "segments");
	const char *whom = json_object_get(example, "lead") ? "lead" : "account", *name = cli_text(example, strcmp(whom, "lead") == 0 ? "email" : "name");
	printf("  %s %lld", whom, (long long)number_of(example, whom));
	if (name[0]) {
		printf(" (");
		cli_print_text(stdout, str_of(name));
		printf(")");
	}
	json_array_foreach(json_object_get(example, "grades"), i, item) {
		const char *from = cli_text(item, "from"), *to = cli_text(item, "to"), *old = cli_text(item, "from_band"), *new = cli_text(item, "to_band");
		printf("; %s", cli_text(item, "grades"));
		if (strcmp(from, to) != 0)
			printf(" %s → %s", from[0] ? from : "none", to[0] ? to : "none");
		if (strcmp(old, new) != 0)
			printf(" band %s → %s", old[0] ? old : "none", new[0] ? new : "none");
	}
	print_names(json_object_get(segments, "enter"), "enters");
	print_names(json_object_get(segments, "leave"), "leaves");
	if (stage)
		printf("; stage %s → %s", cli_text(stage, "from"), cli_text(stage, "to"));
	printf("\n");
	json_array_foreach(json_object_get(example, "models"), i, item)
		print_example_model(item);
}

static void print_examples(const json_t *examples)
{
	size_t i;
	json_t *example;
	if (json_array_size(examples))
		printf("\nFor example:\n");
	json_array_foreach(examples, i, example)
		if (i < EXAMPLES_SHOWN)
			print_example(example);
}

static void print_accounts(const json_t *accounts)
{
	char all[64], moved[64];
	if (!number_of(accounts, "moved"))
		return;
	printf("\nOf %s %s would stand otherwise.\n", number(number_of(accounts, "accounts"), "account", all), grouped(number_of(accounts, "moved"), moved));
	print_models(json_object_get(accounts, "models"), "account");
	print_grades(json_object_get(accounts, "grades"), "account");
	print_examples(json_object_get(accounts, "examples"));
}

void cli_preview_print(const json_t *preview)
{
	char all[64], moved[64];
	if (!json_is_string(json_object_get(preview, "active"))) {
		printf("Nothing is published yet: there is nothing to compare with.\n");
		return;
	}
	if (json_object_get(preview, "unreadable")) {
		printf("What would change cannot be told: the active revision %.12s does not load any more (%s)\n", cli_text(preview, "active"), cli_text(preview, "unreadable"));
		return;
	}
	if (json_is_true(json_object_get(preview, "same"))) {
		printf("No lead moves: models, grades, segments and who enters campaigns are as in revision %.12s.\n", cli_text(preview, "active"));
		print_inside(json_object_get(preview, "inside"));
		print_parked(preview);
		return;
	}
	printf("Against revision %.12s, of %s %s would stand otherwise.\n", cli_text(preview, "active"), leads(number_of(preview, "leads"), all),
	       number_of(preview, "moved") ? grouped(number_of(preview, "moved"), moved) : "none");
	print_models(json_object_get(preview, "models"), "lead");
	print_grades(json_object_get(preview, "grades"), "lead");
	print_segments(json_object_get(preview, "segments"));
	print_stages(json_object_get(preview, "stages"));
	print_campaigns(json_object_get(preview, "campaigns"));
	print_inside(json_object_get(preview, "inside"));
	print_parked(preview);
	print_errors(json_object_get(preview, "errors"));
	print_examples(json_object_get(preview, "examples"));
	print_accounts(json_object_get(preview, "accounts"));
	if (json_object_get(preview, "unsettled"))
		printf("\nThese are not the last ones: answers hang on people, who hang on people, in more steps than are followed before a publish. After it the engine goes on until nothing moves.\n");
}
