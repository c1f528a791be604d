/* The conformance kit behind `nurture plugin check FILE.so`: what any channel plugin must keep, tried on this one. */
#ifndef NURTURE_CHANNEL_CHECK_H
#define NURTURE_CHANNEL_CHECK_H

#include <jansson.h>

/* verdict: "ok", "FAILED" or "skipped"; what: "it completes a touch once"; why: a sentence or "". Borrowed for the call. */
typedef void channel_check_fn(void *arg, const char *verdict, const char *what, const char *why);

/* Tells fn of each check as it is over. Each runs in a child of its own, so a plugin that crashes or hangs fails one check and ends
 * nothing. `settings` are the channel's as in nurture.conf, NULL = none: checks that need an opened channel are skipped when the plugin does
 * not take them. Returns how many failed. Blocking; some seconds. */
int channel_plugin_check(const char *path, const json_t *settings, channel_check_fn *fn, void *arg);

#endif
