/* The note of a worker; where it is. */
#include "base/worker.h"

#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void worker_place(const struct worker *worker, char out[WORKER_PLACE])
{
	char host[65] = "";
	if (gethostname(host, sizeof host - 1) || !str_is_text(str_of(host)))
		snprintf(host, sizeof host, "?");
	snprintf(out, WORKER_PLACE, "%s %.100s", host, worker->node.listen ? worker->node.listen : "");
}

void worker_note(struct worker *worker, const char *fmt, ...)
{
	va_list args;
	if (!worker->note)
		return;
	va_start(args, fmt);
	vsnprintf(worker->note, WORKER_NOTE, fmt, args);
	va_end(args);
}
