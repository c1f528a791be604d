/* The conformance kit behind `nurture plugin check FILE.so`: what any channel plugin must keep, tried on this one. */
#ifndef NURTURE_CHANNEL_CHECK_H
#define NURTURE_CHANNEL_CHECK_H

#include <jansson.h>
#include <stdio.h>

/* Prints a line for each check: "ok", "FAILED" or "skipped", what was checked and why. Each runs in a child of its own, so a plugin that
 * crashes or hangs fails one check and ends nothing. `settings` are the channel's as in nurture.conf, NULL = none: checks that need an
 * opened channel are skipped when the plugin does not take them. Returns how many failed. Blocking; up to some seconds. */
int channel_plugin_check(const char *path, const json_t *settings, FILE *out);

#endif
