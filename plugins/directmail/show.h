/* The letter of a touch as PDF, without anything being kept: channel.show, for `nurture mail preview`. Stamped as a sample. */
#ifndef DIRECTMAIL_SHOW_H
#define DIRECTMAIL_SHOW_H

#include <nurture/plugin.h>

int letters_show(const json_t *settings, const char *data_dir, const struct nurture_touch *touch, nurture_write_fn *write, void *arg, struct nurture_problem *problem);

#endif
