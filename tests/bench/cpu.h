/* CPU time apart from wall time: on a machine that others use too, it is the figure that stays. For benches with a private cluster
 * (unit/database.h, included before): this process, and PostgreSQL's processes together, in microseconds. */
#ifndef NURTURE_TESTS_CPU_H
#define NURTURE_TESTS_CPU_H

#include <dirent.h>
#include <inttypes.h>
#include <sys/resource.h>

struct cpu {
	int64_t self, postgres; /* microseconds; postgres without processes that ended in between, but for those the postmaster collected */
};

static inline int64_t cpu_self(void)
{
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	return (int64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

/* Nanoseconds that the kernel let it run (proc(5), schedstat). */
static inline int64_t cpu_of(const char *pid)
{
	char path[64];
	int64_t ns = 0;
	snprintf(path, sizeof path, "/proc/%.16s/schedstat", pid);
	FILE *file = fopen(path, "re");
	if (file && fscanf(file, "%" SCNd64, &ns) != 1)
		ns = 0;
	if (file)
		fclose(file);
	return ns / 1000;
}

/* The parent, and the time of children that it waited for, in ticks. */
static inline int cpu_parent(const char *pid, long *collected)
{
	char path[64], line[512] = "";
	int parent = 0;
	snprintf(path, sizeof path, "/proc/%.16s/stat", pid);
	FILE *file = fopen(path, "re");
	const char *rest = file && fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
	long user = 0, system = 0;
	if (rest && sscanf(rest, ") %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %ld %ld", &parent, &user, &system) == 3)
		*collected = user + system;
	if (file)
		fclose(file);
	return parent;
}

static inline int64_t cpu_postgres(void)
{
	char path[128], postmaster[17] = "";
	long collected = 0, other = 0;
	int64_t sum = 0;
	snprintf(path, sizeof path, "%s/data/postmaster.pid", database.folder);
	FILE *file = fopen(path, "re");
	if (!file || fscanf(file, "%16s", postmaster) != 1)
		database_fail("no postmaster.pid");
	fclose(file);
	DIR *proc = opendir("/proc");
	for (const struct dirent *entry = NULL; (entry = readdir(proc)) != NULL;)
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && cpu_parent(entry->d_name, &other) == atoi(postmaster))
			sum += cpu_of(entry->d_name);
	closedir(proc);
	(void)cpu_parent(postmaster, &collected);
	return sum + cpu_of(postmaster) + collected * 1000000 / sysconf(_SC_CLK_TCK);
}

static inline struct cpu cpu_now(void)
{
	return (struct cpu){cpu_self(), cpu_postgres()};
}

#endif
