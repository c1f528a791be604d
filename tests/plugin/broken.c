/* A plugin with one thing wrong, chosen by its definitions: each must be refused by a sentence that names it. */
#include <nurture/plugin.h>

#include <stdlib.h>

#ifndef PLUGIN_ABI
#define PLUGIN_ABI NURTURE_PLUGIN_ABI
#endif
#ifndef CHANNEL_SIZE
#define CHANNEL_SIZE sizeof(struct nurture_channel)
#endif
#ifndef HOST_NEEDS
#define HOST_NEEDS sizeof(struct nurture_host)
#endif

#ifdef SECOND_SYMBOL
NURTURE_EXPORT extern int nurture_second_symbol;
int nurture_second_symbol = 1;
#endif

#ifdef CRASH_AT_LOAD
__attribute__((constructor)) static void crash(void)
{
	abort();
}
#endif

static const struct nurture_host *the_host;

static int broken_open(const struct nurture_host *host, const json_t *settings, const char *data_dir, void **self,
		       struct nurture_problem *problem)
{
	(void)settings, (void)data_dir, (void)self, (void)problem;
	the_host = host;
	return 0;
}

static void broken_deliver(void *self, const struct nurture_touch *touch)
{
	struct nurture_result result = {.size = sizeof result, .outcome = NURTURE_REJECTED, .reason = "whatever it is"};
	(void)self;
	the_host->complete(the_host->data, touch->handle, &result);
}

static void broken_cancel(void *self, struct nurture_handle handle) { (void)self, (void)handle; }
static void broken_drain(void *self) { (void)self; }
static void broken_close(void *self) { (void)self; }

#ifdef WITH_ROUTES
static void route(void *self, const struct nurture_request *request) { (void)self, (void)request; }
static const char *const cookie[] = {"cookie", NULL};
#define TABLE(name, ...) \
	static const struct nurture_route name##_rows[] = {__VA_ARGS__}; \
	__attribute__((unused)) static const struct nurture_routes name = { \
		sizeof(struct nurture_routes), sizeof(struct nurture_route), sizeof name##_rows / sizeof *name##_rows, name##_rows}
TABLE(bad_method, {"TRACE", "/a", "read", route, 0, NULL, NULL, NULL});
TABLE(bad_path, {"GET", "/a/../b", "read", route, 0, NULL, NULL, NULL});
TABLE(bad_scope, {"GET", "/a", "everybody", route, 0, NULL, NULL, NULL});
TABLE(same_twice, {"GET", "/a/:b", "read", route, 0, NULL, NULL, NULL}, {"POST", "/a/:c", "read", route, 0, NULL, NULL, NULL}, {"GET", "/a/:c", "write", route, 0, NULL, NULL, NULL});
TABLE(bad_header, {"GET", "/a", "read", route, 0, cookie, NULL, NULL});
TABLE(no_function, {"GET", "/a", "read", NULL, 0, NULL, NULL, NULL});
TABLE(bad_body, {"GET", "/a", "read", route, NURTURE_BODY_MOST + 1, NULL, NULL, NULL});
static const char *const king[] = {"agent", "king", NULL}; /* no role of ours */
TABLE(bad_role, {"GET", "/a", "read", route, 0, NULL, king, NULL});
TABLE(bad_title, {"POST", "/a", "read", route, 0, NULL, NULL, "A page that is none"});
__attribute__((unused)) static const struct nurture_routes short_rows = {sizeof short_rows, 16, 1, bad_method_rows};
#endif

#ifdef WITH_MIGRATIONS
#define SQL(name, ...) \
	static const struct nurture_migration name##_rows[] = {__VA_ARGS__}; \
	__attribute__((unused)) static const struct nurture_migrations name = { \
		sizeof(struct nurture_migrations), sizeof(struct nurture_migration), sizeof name##_rows / sizeof *name##_rows, name##_rows}
SQL(falling, {2, "two", "select 2"}, {1, "one", "select 1"});
SQL(no_sql, {1, "one", ""});
SQL(good_rows, {1, "one", "select 1"});
#endif

static const char *const fields[] = {NULL};
static const struct nurture_channel channel = {
	.size = CHANNEL_SIZE, .kind = "email", .template_fields = fields, .body = "text", .open = broken_open,
	.deliver = broken_deliver, .cancel = broken_cancel, .drain = broken_drain, .close = broken_close,
};

NURTURE_EXPORT const struct nurture_plugin nurture_plugin = {
	.size = sizeof(struct nurture_plugin), .abi = PLUGIN_ABI, .name = PLUGIN_NAME, .version = "1", .licence = "0BSD",
	.host_needs = HOST_NEEDS, .channel = &channel,
#ifdef WITH_ROUTES
	.routes = &WITH_ROUTES,
#endif
#ifdef WITH_MIGRATIONS
	.migrations = &WITH_MIGRATIONS,
#endif
};
