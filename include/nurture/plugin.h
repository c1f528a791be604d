/* The plugin contract, version 1 (DESIGN section 9): all that a channel plugin may use.
 *
 * A plugin is a shared object that exports one symbol, `nurture_plugin`, a constant descriptor. It runs in the delivery
 * process of one channel, on that process's loop thread, and reaches the server only through the host table that
 * `open` gives it; it links no symbol of the server. It is never unloaded: a new generation of processes replaces it.
 *
 * Sizes: every struct that may grow begins with its size in bytes, set by whoever made it. Read a field only when
 * NURTURE_HAS says that the maker knew it. Text is UTF-8. Moments are microseconds since 1970-01-01 UTC (domain time);
 * machine times are microseconds from now. Memory that the host gives is borrowed: valid during the call, unless said
 * otherwise; copy what you keep.
 *
 * A touch is named by a handle, a value: completing it twice, or late, is a counted no-op and never an error of memory.
 *
 * Each header here has one subject and may be read alone; a plugin includes this one, which has them all:
 *
 *   abi.h       the version of the contract, and how a struct that grows is read
 *   touch.h     a touch in the plugin's hands, and how its delivery ended
 *   returned.h  what came back for a touch that went out
 *   look.h      how a touch stands that waits in the plugin's queue
 *   routes.h    HTTP under /v1/channels/{channel}
 *   database.h  migrations and queries
 *   host.h      what the server does for a plugin
 *   channel.h   what a plugin does for the server
 */
#ifndef NURTURE_PLUGIN_H
#define NURTURE_PLUGIN_H

#include <nurture/abi.h>
#include <nurture/touch.h>
#include <nurture/returned.h>
#include <nurture/look.h>
#include <nurture/routes.h>
#include <nurture/database.h>
#include <nurture/host.h>
#include <nurture/channel.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nurture_plugin {
	size_t size;
	uint32_t abi;          /* NURTURE_PLUGIN_ABI */
	const char *name;      /* the file is NAME.so: small letters, digits, hyphens */
	const char *version;
	const char *licence;   /* SPDX */
	size_t host_needs;     /* sizeof(struct nurture_host) that the plugin was written for: an older host refuses it */
	const struct nurture_channel *channel;
	const struct nurture_routes *routes;         /* NULL = none */
	const struct nurture_migrations *migrations; /* NULL = none: no schema, no queries */
};

#define NURTURE_EXPORT __attribute__((visibility("default")))
/* In exactly one source file of a plugin:
 *   NURTURE_EXPORT const struct nurture_plugin nurture_plugin = { .size = sizeof(struct nurture_plugin), … };  */
extern const struct nurture_plugin nurture_plugin;

#ifdef __cplusplus
}
#endif

#endif
