/* The plugin ABI, number 1, as bytes: where each field lies. A row that has to change here is a plugin somewhere that breaks: add fields and
 * functions at the ends of structs only, with a row, or take another ABI number. (LP64, the only machines that the server is built for.) */
#include "channel/plugin.h"
#include "unit/check_main.h"

#define AT(type, field, offset) {#type "." #field, offsetof(struct type, field), offset}

static const struct {
	const char *name;
	size_t is, was;
} rows[] = {
	AT(nurture_handle, id, 0), AT(nurture_handle, generation, 8),
	AT(nurture_field, name, 0), AT(nurture_field, value, 8), AT(nurture_field, length, 16),
	AT(nurture_touch, size, 0), AT(nurture_touch, handle, 8), AT(nurture_touch, touch_id, 24),
	AT(nurture_touch, lead_id, 32), AT(nurture_touch, kind, 40), AT(nurture_touch, template_name, 48),
	AT(nurture_touch, campaign, 56), AT(nurture_touch, step, 64), AT(nurture_touch, address, 72),
	AT(nurture_touch, name, 80), AT(nurture_touch, purpose, 88), AT(nurture_touch, attempt, 96),
	AT(nurture_touch, now, 104), AT(nurture_touch, expires_at, 112), AT(nurture_touch, fields, 120),
	AT(nurture_touch, field_count, 128), AT(nurture_touch, unsubscribe_url, 136),
	AT(nurture_touch, postal_address, 144), AT(nurture_touch, files, 152), AT(nurture_touch, file_count, 160), AT(nurture_touch, return_token, 168),
	AT(nurture_touch, code, 176), AT(nurture_touch, url, 184),
	AT(nurture_file, name, 0), AT(nurture_file, type, 8), AT(nurture_file, content_id, 16), AT(nurture_file, bytes, 24), AT(nurture_file, length, 32),
	AT(nurture_result, size, 0), AT(nurture_result, outcome, 8), AT(nurture_result, reason, 16),
	AT(nurture_result, remote_id, 24), AT(nurture_result, until, 32), AT(nurture_result, attempt, 40),
	AT(nurture_host, size, 0), AT(nurture_host, data, 8), AT(nurture_host, log, 16), AT(nurture_host, loop, 24),
	AT(nurture_host, timer_new, 32), AT(nurture_host, timer_set, 40), AT(nurture_host, timer_free, 48),
	AT(nurture_host, permit, 56), AT(nurture_host, complete, 64), AT(nurture_host, news, 72),
	AT(nurture_host, event, 80), AT(nurture_host, now, 88), AT(nurture_host, post, 96),
	AT(nurture_host, capacity, 104), AT(nurture_host, news_then, 112), AT(nurture_host, forgotten, 120),
	AT(nurture_host, returned, 128), AT(nurture_host, hold, 136), AT(nurture_host, tell, 144), AT(nurture_host, keep, 152), AT(nurture_host, kept, 160), AT(nurture_host, reply, 168),
	AT(nurture_host, channel_name, 176), AT(nurture_host, query, 184),
	AT(nurture_host, look, 192), AT(nurture_host, colleague, 200), AT(nurture_host, keep_then, 208), AT(nurture_host, held, 216), AT(nurture_host, turns_anew, 224),
	AT(nurture_host, offer, 232), AT(nurture_host, event_then, 240), AT(nurture_host, colleague_then, 248),
	AT(nurture_host, phone_possible, 256), AT(nurture_host, compose, 264), AT(nurture_host, country, 272), AT(nurture_host, look_again, 280),
	AT(nurture_look, size, 0), AT(nurture_look, touch_id, 8), AT(nurture_look, standing, 16), AT(nurture_look, until, 24), AT(nurture_look, reason, 32),
	AT(nurture_look, lead_id, 40), AT(nurture_look, expires_at, 48), AT(nurture_look, address, 56), AT(nurture_look, name, 64), AT(nurture_look, fields, 72),
	AT(nurture_look, field_count, 80), AT(nurture_look, sheet, 88), AT(nurture_look, whole, 96), AT(nurture_look, files, 104), AT(nurture_look, file_count, 112),
	AT(nurture_pair, name, 0), AT(nurture_pair, value, 8),
	AT(nurture_route, method, 0), AT(nurture_route, path, 8), AT(nurture_route, scope, 16), AT(nurture_route, fn, 24), AT(nurture_route, body, 32),
	AT(nurture_route, headers, 40), AT(nurture_route, roles, 48), AT(nurture_route, title, 56),
	AT(nurture_routes, size, 0), AT(nurture_routes, route_size, 8), AT(nurture_routes, count, 16), AT(nurture_routes, routes, 24),
	AT(nurture_request, size, 0), AT(nurture_request, handle, 8), AT(nurture_request, route, 24), AT(nurture_request, path, 32),
	AT(nurture_request, parameters, 40), AT(nurture_request, parameter_count, 48), AT(nurture_request, query, 56),
	AT(nurture_request, query_count, 64), AT(nurture_request, headers, 72), AT(nurture_request, header_count, 80),
	AT(nurture_request, content_type, 88), AT(nurture_request, body, 96), AT(nurture_request, body_length, 104), AT(nurture_request, asker, 112),
	AT(nurture_request, asker_id, 120), AT(nurture_request, asker_name, 128), AT(nurture_request, role, 136), AT(nurture_request, scopes, 144),
	AT(nurture_request, remote, 152), AT(nurture_request, https, 160), AT(nurture_request, now, 168), AT(nurture_request, csrf, 176),
	AT(nurture_reply, size, 0), AT(nurture_reply, status, 8), AT(nurture_reply, content_type, 16), AT(nurture_reply, body, 24),
	AT(nurture_reply, body_length, 32), AT(nurture_reply, headers, 40), AT(nurture_reply, header_count, 48),
	AT(nurture_migration, number, 0), AT(nurture_migration, name, 8), AT(nurture_migration, sql, 16),
	AT(nurture_migrations, size, 0), AT(nurture_migrations, migration_size, 8), AT(nurture_migrations, count, 16), AT(nurture_migrations, migrations, 24),
	AT(nurture_statement, size, 0), AT(nurture_statement, name, 8), AT(nurture_statement, sql, 16),
	AT(nurture_value, value, 0), AT(nurture_value, length, 8), AT(nurture_value, bytes, 16),
	AT(nurture_step, statement, 0), AT(nurture_step, values, 8), AT(nurture_step, count, 16),
	AT(nurture_query, size, 0), AT(nurture_query, steps, 8), AT(nurture_query, count, 16), AT(nurture_query, bytes, 24), AT(nurture_query, read_only, 25),
	AT(nurture_rows, rows, 0), AT(nurture_rows, columns, 8), AT(nurture_rows, values, 16), AT(nurture_rows, changed, 24),
	AT(nurture_answer, size, 0), AT(nurture_answer, error, 8), AT(nurture_answer, sqlstate, 16), AT(nurture_answer, again, 24),
	AT(nurture_answer, steps, 32), AT(nurture_answer, count, 40),
	AT(nurture_forget, size, 0), AT(nurture_forget, id, 8), AT(nurture_forget, lead_id, 16), AT(nurture_forget, into, 24), AT(nurture_forget, now, 32),
	AT(nurture_problem, size, 0), AT(nurture_problem, where, 8), AT(nurture_problem, message, 264),
	AT(nurture_template, size, 0), AT(nurture_template, name, 8), AT(nurture_template, fields, 16),
	AT(nurture_template, field_count, 24), AT(nurture_template, body, 32), AT(nurture_template, body_length, 40),
	AT(nurture_channel, size, 0), AT(nurture_channel, kind, 8), AT(nurture_channel, template_fields, 16),
	AT(nurture_channel, body, 24), AT(nurture_channel, open, 32), AT(nurture_channel, deliver, 40),
	AT(nurture_channel, cancel, 48), AT(nurture_channel, drain, 56), AT(nurture_channel, close, 64),
	AT(nurture_channel, check_template, 72), AT(nurture_channel, forget, 80), AT(nurture_channel, show, 88), AT(nurture_channel, command, 96), AT(nurture_channel, part, 104), AT(nurture_channel, turns, 112), AT(nurture_channel, pauses, 120),
	AT(nurture_plugin, size, 0), AT(nurture_plugin, abi, 8), AT(nurture_plugin, name, 16),
	AT(nurture_plugin, version, 24), AT(nurture_plugin, licence, 32), AT(nurture_plugin, host_needs, 40),
	AT(nurture_plugin, channel, 48), AT(nurture_plugin, routes, 56), AT(nurture_plugin, migrations, 64),
};

START_TEST(no_field_has_moved)
{
	ck_assert_int_eq(NURTURE_PLUGIN_ABI, 1);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		ck_assert_msg(rows[i].is == rows[i].was, "%s is at %zu and was at %zu", rows[i].name, rows[i].is, rows[i].was);
}
END_TEST

START_TEST(no_outcome_has_another_number)
{
	static const enum nurture_outcome outcomes[] = {NURTURE_SENT,	   NURTURE_QUEUED,	 NURTURE_DEFERRED, NURTURE_REJECTED,
							NURTURE_CHANNEL_DOWN, NURTURE_UNKNOWN, NURTURE_CANCELLED};
	for (int i = 0; i < (int)(sizeof outcomes / sizeof *outcomes); i++)
		ck_assert_int_eq((int)outcomes[i], i + 1);
}
END_TEST

/* Built with the structs as they were before their last fields came. */
START_TEST(a_plugin_of_an_older_header_is_taken)
{
	struct error error = {0};
	json_t *says = channel_plugin_describe(NURTURE_BUILD "/tests/plugins/older.so", &error);
	ck_assert_msg(says, "%s", error.message);
	ck_assert(json_is_false(json_object_get(says, "checks_templates")));
	json_decref(says);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(no_field_has_moved),
	UNIT(no_outcome_has_another_number),
	UNIT(a_plugin_of_an_older_header_is_taken),
};
UNIT_MAIN("channel/abi", cases)
