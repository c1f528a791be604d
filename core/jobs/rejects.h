/* The file of refused rows: its line, the reason, and the row as it was, as CSV with the columns and the separator of the original, in UTF-8 with a byte order
 * mark. It is made to be mended and imported again by the same map: bytes that are no text stand in it as they were read, so that a row which
 * nobody has mended is refused again. */
#ifndef NURTURE_JOBS_REJECTS_H
#define NURTURE_JOBS_REJECTS_H

#include "jobs/csv.h"

struct rejects;

/* keep: bytes of an earlier run to keep, with the separator that stands there; what is behind them is written again. The file is made with the first row. */
struct rejects *rejects_new(const char *path, int64_t keep, char separator);
void rejects_free(struct rejects *rejects); /* takes NULL */
/* Of a file that is one of refused rows itself (its columns say so: "refused line", "refused reason"), its first two columns make place for the new line and reason. */
int rejects_add(struct rejects *rejects, const struct csv_row *header, const struct csv_row *row, const char *where, const char *why,
		struct error *error) MUST_USE;
int rejects_flush(struct rejects *rejects, struct error *error) MUST_USE; /* to disk */
int64_t rejects_bytes(const struct rejects *rejects);

#endif
