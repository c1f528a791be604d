/* Letters and the desk: see letter.h. Called by plugin.c and the relays. */
#include "letter.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { PERMISSION_HOLDS_US = 2 * 1000 * 1000 };

static void letter_free(gpointer data)
{
	struct letter *letter = data;
	if (letter->message)
		g_string_free(letter->message, TRUE);
	g_free(letter);
}

static guint handle_hash(gconstpointer key)
{
	const struct nurture_handle *handle = key;
	uint64_t mixed = handle->id * 0x9E3779B97F4A7C15u + handle->generation;
	return (guint)(mixed ^ mixed >> 32);
}

static gboolean handle_equal(gconstpointer a, gconstpointer b)
{
	const struct nurture_handle *x = a, *y = b;
	return x->id == y->id && x->generation == y->generation;
}

void desk_init(struct desk *desk, const struct nurture_host *host)
{
	*desk = (struct desk){.host = host};
	desk->letters = g_hash_table_new_full(handle_hash, handle_equal, NULL, letter_free);
}

void desk_fini(struct desk *desk)
{
	if (desk->letters)
		g_hash_table_destroy(desk->letters);
	desk->letters = NULL;
}

struct letter *letter_new(struct desk *desk, const struct nurture_touch *touch, GString *message)
{
	struct letter *letter = g_new0(struct letter, 1);
	letter->desk = desk;
	letter->handle = touch->handle;
	letter->touch_id = touch->touch_id;
	letter->attempt = touch->attempt;
	letter->message = message;
	letter->bytes = message->len;
	desk->bytes += letter->bytes;
	letter->link.data = letter;
	g_hash_table_insert(desk->letters, &letter->handle, letter);
	return letter;
}

struct letter *desk_find(struct desk *desk, struct nurture_handle handle)
{
	return g_hash_table_lookup(desk->letters, &handle);
}

static void on_permit(void *arg, struct nurture_handle handle, bool allowed)
{
	struct desk *desk = arg;
	struct letter *letter = desk_find(desk, handle);
	if (!letter || letter->permission != PERMISSION_ASKED)
		return;
	letter->permission = allowed ? PERMISSION_GIVEN : PERMISSION_DENIED;
	desk->permitted(desk->relay, letter);
}

void letter_ask(struct letter *letter)
{
	if (letter->permission != PERMISSION_NONE)
		return;
	letter->permission = PERMISSION_ASKED;
	letter->asked_at = g_get_monotonic_time();
	const struct nurture_host *host = letter->desk->host;
	host->permit(host->data, letter->handle, on_permit, letter->desk);
}

bool letter_permission_is_old(const struct letter *letter)
{
	return letter->permission == PERMISSION_GIVEN && g_get_monotonic_time() - letter->asked_at > PERMISSION_HOLDS_US;
}

void letter_forget_permission(struct letter *letter)
{
	if (letter->permission == PERMISSION_GIVEN)
		letter->permission = PERMISSION_NONE;
}

static void end(struct letter *letter, const struct nurture_result *result)
{
	struct desk *desk = letter->desk;
	if (desk->ended)
		desk->ended(desk->relay, letter, result->outcome);
	g_hash_table_steal(desk->letters, &letter->handle);
	desk->bytes -= letter->bytes;
	desk->host->complete(desk->host->data, letter->handle, result);
	letter_free(letter);
}

void letter_end(struct letter *letter, enum nurture_outcome outcome, const char *reason, const char *remote_id,
		int64_t until)
{
	end(letter, &(struct nurture_result){
		.size = sizeof(struct nurture_result), .outcome = outcome, .reason = reason, .remote_id = remote_id, .until = until,
		.kind = outcome == NURTURE_REJECTED ? letter->kind : NULL});
}

void letter_put_off(struct letter *letter, const char *reason, int64_t until)
{
	end(letter, &(struct nurture_result){
		.size = sizeof(struct nurture_result), .outcome = NURTURE_DEFERRED, .reason = reason, .until = until, .untried = true});
}

const char *letter_domain_of(const char *address)
{
	const char *at = strrchr(address, '@');
	return at ? at + 1 : "";
}

const char *letter_domain(const struct letter *letter)
{
	return letter_domain_of(letter->recipient);
}

void desk_complained(struct desk *desk, const char *address)
{
	char *small = g_ascii_strdown(address, -1);
	if (desk->complained)
		desk->complained(desk->relay, small);
	g_free(small);
}

void desk_came_back(struct desk *desk, const char *address, const char *code, const char *reason)
{
	char *small = g_ascii_strdown(address, -1);
	if (desk->came_back)
		desk->came_back(desk->relay, small, code, reason);
	g_free(small);
}

void desk_log(struct desk *desk, enum nurture_log_level level, const char *event, const char *fmt, ...)
{
	char message[512];
	va_list args;
	va_start(args, fmt);
	vsnprintf(message, sizeof message, fmt, args);
	va_end(args);
	desk->host->log(desk->host->data, level, event, message);
}
