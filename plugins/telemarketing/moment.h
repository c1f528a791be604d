/* Moments as RFC 3339 writes them, "2027-03-18T15:00:00+01:00": all that comes in and goes out. Pure. */
#ifndef TELEMARKETING_MOMENT_H
#define TELEMARKETING_MOMENT_H

#include <jansson.h>
#include <stdint.h>

/* Of microseconds since 1970, in UTC, whole seconds; 0 = null. New reference. */
json_t *moment_json(int64_t moment);

#endif
