/* Web hooks of providers: POST /v1/channels/{channel}/NAME. What the provider says is proven (returns_provider.h), told to the host, and answered 200 only when
 * all of it is recorded: 403 what is not proven, 404 where nothing is configured, 503 what must be told again.
 *
 * A provider's certificate is fetched by a thread of its own and kept for a day. */
#ifndef NURTURE_EMAIL_RETURNS_HOOK_H
#define NURTURE_EMAIL_RETURNS_HOOK_H

#include "returns_provider.h"

#include <nurture/plugin.h>

struct returns_hook;

struct desk;

/* Borrows all. The desk hears of what is recorded (returns_tell.h). */
struct returns_hook *returns_hook_new(const struct nurture_host *host, const struct returns_settings *settings, struct desk *desk);
void returns_hook_free(struct returns_hook *hook); /* takes NULL; requests that wait are answered by nobody: the host tells them 503 */
void returns_hook_take(struct returns_hook *hook, const struct provider *provider, const struct nurture_request *request);

#endif
