/* The plugin's face: the descriptor, its routes, and the office's life. */
#include "office.h"

#include "hand.h"
#include "paper.h"
#include "routes.h"
#include "show.h"

#include <curl/curl.h>
#include <sodium.h>
#include <stdlib.h>

enum { CAPACITY = 500 };

static void office_drain(void *self)
{
	struct office *office = self;
	office->draining = true;
}

static void office_close(void *self)
{
	struct office *office = self;
	sweep_end(office);
	hand_free(office->hand);
	hand_free(office->carrier);
	cut_end(office);
	ship_end(office);
	purge_end(office);
	letters_end(office);
	while (!LIST_EMPTY(&office->askings))
		asking_free(LIST_FIRST(&office->askings));
	settings_fini(&office->settings);
	free(office);
}

static int office_open(const struct nurture_host *host, const json_t *object, const char *data_dir, void **self, struct nurture_problem *problem)
{
	struct settings settings;
	int refused = settings_read(&settings, object, data_dir, problem) || !paper_can(&settings, host != NULL, problem) ? -1 : 0;
	struct office *office = host && !refused ? calloc(1, sizeof *office) : NULL;
	if (!office) {
		settings_fini(&settings);
		return refused || host ? -1 : 0;
	}
	*office = (struct office){.host = host, .settings = settings};
	unsigned char lot[8];
	curl_global_init(CURL_GLOBAL_ALL);
	randombytes_buf(lot, sizeof lot);
	sodium_bin2hex(office->owner, sizeof office->owner, lot, sizeof lot);
	office->hand = hand_new(host);
	office->carrier = hand_new(host);
	LIST_INIT(&office->askings);
	LIST_INIT(&office->entries);
	host->capacity(host->data, CAPACITY);
	sweep_begin(office);
	*self = office;
	return 0;
}

/* What a letter's template may say before its body. */
static const char *const fields[] = {"subject", "salutation", "closing", "sender", "signature", "reference", "date", "language", "enclosure", "invitation", "text1", "text2", "text3", "text4", "text5", NULL};

static const struct nurture_channel channel = {
	.size = sizeof channel, .kind = "letter", .template_fields = fields, .body = "markdown", .open = office_open, .deliver = letters_deliver, .cancel = letters_cancel,
	.drain = office_drain, .close = office_close, .forget = office_forget, .part = office_part, .show = letters_show,
};

/* Who plans and who pays decide what goes out; whoever may write through the API may cut and look. */
static const char *const people[] = {"marketing", "admin", NULL};

static const struct nurture_route rows[] = {
	{.method = "GET", .path = "/jobs", .scope = "read", .fn = route_jobs},
	{.method = "GET", .path = "/jobs/:job", .scope = "read", .fn = route_job},
	{.method = "POST", .path = "/jobs", .scope = "write", .fn = route_cut, .roles = people},
	{.method = "POST", .path = "/jobs/:job/release", .scope = "admin", .fn = route_release, .roles = people},
	{.method = "POST", .path = "/jobs/:job/cancel", .scope = "admin", .fn = route_cancel, .roles = people},
	{.method = "POST", .path = "/jobs/:job/sample", .scope = "write", .fn = route_sample, .roles = people},
	{.method = "POST", .path = "/jobs/:job/acknowledge", .scope = "write", .fn = route_acknowledge, .roles = people},
	{.method = "POST", .path = "/returns", .scope = "write", .fn = route_returns, .roles = people, .body = 4 << 20},
	{.method = "GET", .path = "/lists", .scope = "read", .fn = route_lists, .roles = people},
	{.method = "PUT", .path = "/lists/:list", .scope = "admin", .fn = route_list_put, .body = 8 << 20},
	{.method = "DELETE", .path = "/lists/:list", .scope = "admin", .fn = route_list_drop},
};
static const struct nurture_routes routes = {.size = sizeof routes, .route_size = sizeof *rows, .count = sizeof rows / sizeof *rows, .routes = rows};

NURTURE_EXPORT const struct nurture_plugin nurture_plugin = {
	.size = sizeof(struct nurture_plugin), .abi = NURTURE_PLUGIN_ABI, .name = "directmail", .version = "1.0", .licence = "LicenseRef-Nurture",
	.host_needs = sizeof(struct nurture_host), .channel = &channel, .routes = &routes, .migrations = &office_migrations,
};
