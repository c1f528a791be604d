/* The note of a worker. */
#include "base/worker.h"

#include <stdarg.h>
#include <stdio.h>

void worker_note(struct worker *worker, const char *fmt, ...)
{
	va_list args;
	if (!worker->note)
		return;
	va_start(args, fmt);
	vsnprintf(worker->note, WORKER_NOTE, fmt, args);
	va_end(args);
}
