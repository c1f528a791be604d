/* `nurture serve`: the master, and the workers' entry. Knows processes, not the product. */
#ifndef NURTURE_SERVER_SERVER_H
#define NURTURE_SERVER_SERVER_H

#include "base/config.h"

struct server_options {
	const char *config_path; /* NULL = no file */
	double time_scale;       /* 1, or what --time-scale says */
	bool watch;              /* --watch: as if watch = true */
};

/* Serves until it is told to stop. Exit status; *error says why it did not begin. */
int server_run(const struct server_options *options, struct error *error) MUST_USE;
/* After exec: argv = {"worker", ROLE, NUMBER, SLOT, LISTENERS}. Exit status. */
int server_worker(int argc, char **argv);

#endif
