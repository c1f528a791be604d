/* The loop of one channel (DESIGN section 5, TRUST section 2): the only process where the channel's plugin is loaded.
 *
 * server runs the role, once for each channel of the configuration. Its note is "touch ID" while the plugin is handed a touch. */
#ifndef NURTURE_DELIVERY_DELIVERY_H
#define NURTURE_DELIVERY_DELIVERY_H

#include "base/worker.h"

extern const struct worker_role delivery_role;

#endif
