/* The log: one line an entry on standard error (the master's, inherited), `time level event key=value …`.
 *
 *   log_info("lease.taken", log_int("shard", 3), log_str("role", "engine"));
 *
 * Values with spaces or quotes are quoted, control characters and bidirectional marks escaped, so no value can forge a
 * line. Never message bodies, addresses or secrets at info level. error = a person must look; warn = it healed but look;
 * info = the life of the server; debug. */
#ifndef NURTURE_BASE_LOG_H
#define NURTURE_BASE_LOG_H

#include "base/str.h"

#include <stdint.h>

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

struct log_field {
	const char *key; /* NULL ends the list */
	enum { LOG_FIELD_STR, LOG_FIELD_INT, LOG_FIELD_DOUBLE } kind;
	struct str s;
	int64_t i;
	double d;
};

#define log_str(k, v) ((struct log_field){.key = (k), .kind = LOG_FIELD_STR, .s = str_of(v)})
#define log_slice(k, v) ((struct log_field){.key = (k), .kind = LOG_FIELD_STR, .s = (v)})
#define log_int(k, v) ((struct log_field){.key = (k), .kind = LOG_FIELD_INT, .i = (int64_t)(v)})
#define log_double(k, v) ((struct log_field){.key = (k), .kind = LOG_FIELD_DOUBLE, .d = (v)})

/* The first entry only stands before the comma, so that an event may come without fields (cppcheck knows no __VA_OPT__). */
#define LOG_FIELDS(...) ((const struct log_field[]){{0}, ##__VA_ARGS__, {0}} + 1)
#define log_debug(event, ...) log_write(LOG_LEVEL_DEBUG, (event), LOG_FIELDS(__VA_ARGS__))
#define log_info(event, ...) log_write(LOG_LEVEL_INFO, (event), LOG_FIELDS(__VA_ARGS__))
#define log_warn(event, ...) log_write(LOG_LEVEL_WARN, (event), LOG_FIELDS(__VA_ARGS__))
#define log_error(event, ...) log_write(LOG_LEVEL_ERROR, (event), LOG_FIELDS(__VA_ARGS__))

void log_set_level(enum log_level level);     /* default info */
void log_set_process(const char *name);       /* "master", "engine.0": stands in every line; copied */
void log_set_fd(int fd);                      /* default 2 */
void log_write(enum log_level level, const char *event, const struct log_field *fields);

#endif
