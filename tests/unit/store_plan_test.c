/* How PostgreSQL goes about the statements that run all day: whatever it believes of the tables' sizes, a statement for some leads finds their rows
 * by a key, and reads no table from end to end. Plans are kept by connections that live for weeks, made perhaps while a table was empty; so each
 * statement of the files below is planned as its connection plans it, over tables that are new, empty, small, and grown.
 *
 * What is refused: a table read whole; an index entered by the shard alone (but for its first row in order); rows of a table compared one by one with
 * the list of what is looked for. */
#include "store/op.h"

#include "unit/check_main.h"
#include "unit/database.h"

#include <jansson.h>

/* by_key: of operations that say so (op.h); the others only run on an engine's or a channel's connection. reads: they are planned when there is
 * perhaps nothing yet; what changes rows is planned when it has some to change. */
static const struct {
	const char *file;
	bool by_key, reads;
} files[] = {
	{"load", true, true}, {"facts", true, true}, {"save", true, false}, {"save_walk", true, false}, {"save_pause", true, false}, {"save_claim", true, false}, {"event_write", true, false},
	{"account", true, false}, {"accounts", true, true}, {"accounts_save", true, false}, {"intake", true, false}, {"intake_consents", true, false}, {"intake_names", true, false}, {"intake_once", true, false}, {"intake_visitors", true, false}, {"new_address", true, false}, {"bulk_names", true, false}, {"claim", true, false}, {"permit", true, false},
	{"outcome", true, false}, {"haul", false, false}, {"unclaim", true, false}, {"news", true, false}, {"rebuild", true, false}, {"poll", false, true},
};
/* Of a few rows always; of job, those that are open. */
static const char *const little[] = {"clock", "activation", "shard_lease", "lease_owner", "channel_state", "script_error", "rescore_walk", "account_walk", "job", "campaign_pause", "campaign_finish", "split_test", "sales_load", "spoken", NULL};

static char name[32];
static const char *looking_at, *with;
static int seen, refused;

/* ---- a plan ---- */

static const char *text(const json_t *node, const char *key)
{
	const char *value = json_string_value(json_object_get(node, key));
	return value ? value : "";
}

static bool is_little(const char *table)
{
	for (size_t i = 0; little[i]; i++)
		if (strcmp(little[i], table) == 0)
			return true;
	return false;
}

/* All failures are wanted together, all that is new for a shard's accounts, and the jobs that are open. */
static bool is_wanted_whole(const char *what)
{
	return strncmp(what, "turn_failure", 12) == 0 || strncmp(what, "account_failure", 15) == 0 || strncmp(what, "account_inbox", 13) == 0 || strcmp(what, "job_open") == 0;
}

/* Does it name a column of the table besides the shard? Conditions read "((shard = $1) AND (lead_id = w.lead_id))". */
static bool names_more_than_the_shard(const char *condition)
{
	for (const char *p = condition; *p; p++) {
		if (*p != '(' || p[1] == '(')
			continue;
		size_t n = strspn(p + 1, "abcdefghijklmnopqrstuvwxyz_");
		if (n && (p[1 + n] == ' ' || p[1 + n] == '(') && strncmp(p + 1, "shard ", 6) != 0)
			return true;
	}
	return strstr(condition, "ROW(") != NULL;
}

static const json_t *below(const json_t *node, size_t i)
{
	return json_array_get(json_object_get(node, "Plans"), i);
}

static bool reads_a_table(const json_t *node)
{
	const char *table = text(node, "Relation Name");
	if (*table && !is_little(table) && !is_wanted_whole(table))
		return true;
	for (size_t i = 0; below(node, i); i++)
		if (reads_a_table(below(node, i)))
			return true;
	return false;
}

static bool is_a_list(const json_t *node)
{
	while (strcmp(text(node, "Node Type"), "Materialize") == 0)
		node = below(node, 0);
	return strcmp(text(node, "Node Type"), "Function Scan") == 0 || strcmp(text(node, "Node Type"), "CTE Scan") == 0;
}

static void refuse(const json_t *node, const char *why)
{
	fprintf(stderr, "%s, tables %s: %s: %s %s%s %s%s\n", looking_at, with, why, text(node, "Node Type"), text(node, "Relation Name"), text(node, "Index Name"),
		text(node, "Index Cond"), text(node, "Join Filter"));
	refused++;
}

/* limited: what is above takes only the first rows, in the order in which they come from here. */
static void look(const json_t *node, bool limited)
{
	const char *type = text(node, "Node Type"), *table = text(node, "Relation Name"), *condition = text(node, "Index Cond");
	seen++;
	if (strcmp(type, "Seq Scan") == 0 && !is_little(table) && !is_wanted_whole(table))
		refuse(node, "a table is read whole");
	if (strstr(type, "Index") && !is_little(table) && !is_wanted_whole(text(node, "Index Name")) && !limited && !names_more_than_the_shard(condition))
		refuse(node, "an index is entered by the shard alone");
	if (strcmp(type, "Nested Loop") == 0 && is_a_list(below(node, 1)) && reads_a_table(below(node, 0)))
		refuse(node, "rows of a table are compared with a list");
	bool ordered = strcmp(type, "Limit") == 0 || (limited && strcmp(type, "Sort") != 0 && strcmp(type, "Hash") != 0);
	for (size_t i = 0; below(node, i); i++)
		look(below(node, i), ordered);
}

/* ---- a statement ---- */

static json_t *plan_of(PGconn *connection, const char *sql)
{
	char ask[4096] = "explain (format json) execute s";
	PGresult *result = PQexec(connection, sql);
	ck_assert_msg(PQresultStatus(result) == PGRES_COMMAND_OK, "%s: %s", looking_at, PQerrorMessage(connection));
	PQclear(result);
	result = PQexec(connection, "select cardinality(parameter_types) from pg_prepared_statements where name = 's'");
	int parameters = atoi(PQgetvalue(result, 0, 0));
	PQclear(result);
	for (int i = 0; i < parameters; i++)
		strcat(ask, i ? ", null" : " (null");
	strcat(ask, parameters ? ")" : "");
	result = PQexec(connection, ask);
	ck_assert_msg(PQresultStatus(result) == PGRES_TUPLES_OK, "%s: %s", looking_at, PQerrorMessage(connection));
	json_t *plan = json_loads(PQgetvalue(result, 0, 0), 0, NULL);
	PQclear(result);
	PQclear(PQexec(connection, "deallocate s"));
	return plan;
}

static void look_at_statement(PGconn *connection, const char *title, const char *sql)
{
	char *prepare = malloc(strlen(sql) + 64);
	looking_at = title;
	sprintf(prepare, "prepare s as %s", sql);
	json_t *plan = plan_of(connection, prepare);
	look(json_object_get(json_array_get(plan, 0), "Plan"), false);
	json_decref(plan);
	free(prepare);
}

static char *contents(const char *file)
{
	char path[512];
	static char whole[65536];
	snprintf(path, sizeof path, "%s/core/store/%s.sql", NURTURE_SOURCE, file);
	FILE *in = fopen(path, "re");
	ck_assert_msg(in != NULL, "%s", path);
	whole[fread(whole, 1, sizeof whole - 1, in)] = '\0';
	fclose(in);
	return whole;
}

/* Statements stand behind "-- :name NAME", to the next one. Those without a plan (advisory locks have one) are none here. */
static int look_at_file(PGconn *connection, const char *file)
{
	static const char mark[] = "-- :name ";
	int count = 0;
	for (char *at = strstr(contents(file), mark); at; count++) {
		char *title = at + strlen(mark), *sql = strchr(title, '\n');
		*sql++ = '\0';
		at = strstr(sql, mark);
		if (at)
			at[-1] = '\0';
		look_at_statement(connection, title, sql);
	}
	return count;
}

static void look_at_all(const char *state, bool reads_only)
{
	char conninfo[256];
	int statements = 0;
	with = state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		if (reads_only && !files[i].reads)
			continue;
		PGconn *connection = PQconnectdb(database_conninfo(name, "nurture_owner", conninfo));
		PQclear(PQexec(connection, "set enable_seqscan = off; set jit = off; set plan_cache_mode = force_generic_plan; begin"));
		if (files[i].by_key)
			PQclear(PQexec(connection, op_by_key));
		statements += look_at_file(connection, files[i].file);
		PQfinish(connection);
	}
	ck_assert_int_ge(statements, reads_only ? 15 : 50);
	ck_assert_int_ge(seen, 50);
	ck_assert_int_eq(refused, 0);
}

/* ---- tables ---- */

static void fill(int leads)
{
	database_ask(name, "insert into lead (shard, lead_id, created_at, updated_at, email, phone, account_id) select n & 63, (n::int8 << 6) | (n & 63), now(), now(),"
			   " 'p' || n || '@c' || n %% 900 || '.example', n::text, (n %% 900) << 6 | (n %% 900 & 63) from generate_series(1, %d) n;"
			   "insert into account (shard, account_id, created_at, updated_at, domain) select n & 63, n << 6 | (n & 63), now(), now(), 'c' || n || '.example'"
			   " from generate_series(0, 899) n on conflict do nothing", leads);
	database_ask(name, "insert into identity select 'email', email, shard, lead_id, now() from lead; insert into lead_history select shard, lead_id, 'x' from lead;"
			   "insert into event (received_at, event_id, shard, lead_id, at, verb) select now(), lead_id, shard, lead_id, now(), 'page.view' from lead;"
			   "insert into inbox (shard, lane, lead_id, event_id, received_at) select shard, 0, lead_id, event_id, received_at from event;"
			   "insert into lead_wake select shard, lead_id, now() from lead; insert into account_inbox (shard, account_id, data) select shard, account_id, '{}' from account;"
			   "insert into score (shard, lead_id, name, is_grade, points, since) select shard, lead_id, m, false, 5, now() from lead, (values ('a'), ('b')) v(m);"
			   "insert into suppression select 'lead', lead_id::text, '*', 'test', now() from lead where lead_id %% 10 = 0;"
			   "insert into turn_failure select shard, lead_id, 1, 0, now(), now(), null, '', '' from lead where lead_id %% 10 = 0");
	database_ask(name, "insert into enrollment (shard, enrollment_id, lead_id, campaign, step, state, entered_at, step_since, over_at, revision) select shard, lead_id, lead_id,"
			   " 'drip', 'one', 'active', now(), now(), now(), 'r' from lead;"
			   "insert into touch (shard, touch_id, lead_id, enrollment_id, step, pass, channel, kind, template, purpose, state, planned_at, due_at, revision)"
			   " select shard, lead_id, lead_id, lead_id, 'one', 1, 'email', 'email', 't', 'marketing', case when lead_id %% 3 = 0 then 'sent' else 'planned' end, now(), now(),"
			   " 'r' from lead; insert into attempt (shard, touch_id, attempt, at, token) select shard, touch_id, 1, now(), '' from touch;"
			   "insert into consent (shard, lead_id, at, channel, purpose, state, source) select shard, lead_id, now(), 'email', 'marketing', 'granted', 'test' from lead;"
			   "insert into event_key select lead_id::text, now() from lead");
	database_ask(name, "insert into account_member select shard, lead_id, account_id, 0, '0 1' from lead;"
			   "insert into account_summary select shard, account_id, 1, '{}', 0, '', 'w', now() from account;"
			   "insert into account_score (shard, account_id, name, is_grade, points, since) select shard, account_id, 'company', false, 5, now() from account;"
			   "insert into account_inbox (shard, account_id, lead_id, was) select account_id & 63, account_id, lead_id, '0 1' from lead");
}

static void clear(void)
{
	database_ask(name, "truncate lead, account, identity, lead_history, event, inbox, lead_wake, account_inbox, score, suppression, turn_failure, enrollment, touch,"
			   " attempt, consent, event_key, account_member, account_summary, account_score");
}

static void begin(void)
{
	snprintf(name, sizeof name, "%s", database_new());
}

START_TEST(statements_find_their_rows_by_a_key_while_tables_are_new)
{
	begin();
	look_at_all("new", false);
}
END_TEST

START_TEST(statements_find_their_rows_by_a_key_in_tables_that_are_known_to_be_empty)
{
	begin();
	database_ask(name, "vacuum analyze");
	look_at_all("empty", true);
	fill(3);
	look_at_all("known as empty, with three leads", false);
	clear();
	fill(2000);
	look_at_all("known as empty, and filled since", false);
}
END_TEST

START_TEST(statements_find_their_rows_by_a_key_in_small_tables)
{
	begin();
	fill(3);
	look_at_all("of three leads, not analyzed", false);
	database_ask(name, "vacuum analyze");
	look_at_all("of three leads", false);
}
END_TEST

START_TEST(statements_find_their_rows_by_a_key_in_grown_tables)
{
	begin();
	fill(6000);
	look_at_all("grown, not analyzed", false);
	database_ask(name, "vacuum analyze");
	look_at_all("grown", false);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(statements_find_their_rows_by_a_key_while_tables_are_new),
	UNIT(statements_find_their_rows_by_a_key_in_tables_that_are_known_to_be_empty),
	UNIT(statements_find_their_rows_by_a_key_in_small_tables),
	UNIT(statements_find_their_rows_by_a_key_in_grown_tables),
};

UNIT_MAIN_WITH("store_plan", cases, database_begin(false))
