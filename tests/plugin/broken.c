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

static const char *const fields[] = {NULL};
static const struct nurture_channel channel = {
	.size = CHANNEL_SIZE, .kind = "email", .template_fields = fields, .body = "text", .open = broken_open,
	.deliver = broken_deliver, .cancel = broken_cancel, .drain = broken_drain, .close = broken_close,
};

NURTURE_EXPORT const struct nurture_plugin nurture_plugin = {
	.size = sizeof(struct nurture_plugin), .abi = PLUGIN_ABI, .name = PLUGIN_NAME, .version = "1", .licence = "0BSD",
	.host_needs = HOST_NEEDS, .channel = &channel,
#ifdef WITH_ROUTES
	.routes = (const struct nurture_routes *)&channel,
#endif
#ifdef WITH_MIGRATIONS
	.migrations = (const struct nurture_migrations *)&channel,
#endif
};
