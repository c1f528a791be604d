/* A process's own memory as a bench goes on. */
#ifndef NURTURE_TESTS_MEMORY_H
#define NURTURE_TESTS_MEMORY_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Private memory (proc(5), smaps_rollup), printed at the start and at each tenth of `all`. */
static void print_memory(long done, long all)
{
	static long next;
	char line[128];
	long kb = 0;
	if (done < next)
		return;
	next = (done / (all / 10) + 1) * (all / 10);
	FILE *file = fopen("/proc/self/smaps_rollup", "re");
	while (file && fgets(line, sizeof line, file))
		kb += strncmp(line, "Private_", 8) == 0 ? atol(strchr(line, ':') + 1) : 0;
	if (file)
		fclose(file);
	printf("  %8ld messages: %5.1f MB\n", done, (double)kb / 1024);
}

#endif
