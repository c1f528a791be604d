/* The conformance kit behind `nurture plugin check FILE.so`: what any channel plugin must keep, tried on this one. */
#ifndef NURTURE_CHANNEL_CHECK_H
#define NURTURE_CHANNEL_CHECK_H

#include <jansson.h>

/* verdict: "ok", "FAILED" or "skipped"; what: "it completes a touch once"; why: a sentence or "". Borrowed for the call. */
typedef void channel_check_fn(void *arg, const char *verdict, const char *what, const char *why);

/* Tells fn of each promise as it was tried. Each is tried in a child of its own, so a plugin that crashes or hangs breaks one promise and ends
 * nothing. `settings` are the channel's as in nurture.conf, NULL = none: promises that need an opened channel are skipped when the plugin does
 * not take them. `only`: those whose sentence has this in it; NULL = all. Returns how many are broken. Blocking; some seconds for a good
 * plugin, up to a few minutes for one that waits where it should not. Needs a writable /tmp. */
int channel_plugin_check(const char *path, const json_t *settings, const char *only, channel_check_fn *fn, void *arg);

#endif
