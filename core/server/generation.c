/* Making, draining and ending a generation. */
#include "server/generation.h"

#include "base/luadata.h"
#include "base/mem.h"
#include "server/snapshot.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static void add_processes(struct generation *g)
{
	size_t count = 0;
	for (const struct role_entry *entry = roles; entry->role; entry++)
		count += (size_t)roles_count(entry, g->config);
	g->processes = mem_array(count, sizeof *g->processes);
	for (const struct role_entry *entry = roles; entry->role; entry++)
		for (int i = 0; i < roles_count(entry, g->config); i++, g->count++)
			g->processes[g->count] = (struct process){.entry = entry, .number = i, .slot = g->first_slot + (int)g->count, .control = -1};
}

static int open_all(struct generation *g, const struct generation_seed *seed, struct error *error)
{
	struct snapshot snapshot = {.config = g->config, .text = seed->config_text, .conninfo = seed->conninfo,
		.public_url = seed->public_url, .time_scale = seed->time_scale, .generation = seed->number,
		.node = seed->node};
	g->binary = open(seed->binary, O_PATH | O_CLOEXEC);
	if (g->binary < 0)
		return error_errno(error, NULL, "cannot open the program %s", seed->binary);
	if (g->config->playbook) {
		g->playbook = open(g->config->playbook, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (g->playbook < 0)
			return error_errno(error, "playbook", "cannot open the folder %s", g->config->playbook);
	}
	g->plugins = open(g->config->plugin_dir, O_PATH | O_DIRECTORY | O_CLOEXEC); /* without channels there need not be one */
	return snapshot_write(&snapshot, &g->snapshot, error);
}

struct generation *generation_new(const struct generation_seed *seed, struct error *error)
{
	struct generation *g = mem_alloc(sizeof *g);
	*g = (struct generation){.number = seed->number, .config = seed->config, .binary = -1, .snapshot = -1, .playbook = -1, .plugins = -1,
		.first_slot = seed->first_slot};
	if (open_all(g, seed, error)) {
		generation_free(g);
		return NULL;
	}
	add_processes(g);
	return g;
}

void generation_free(struct generation *g)
{
	if (!g)
		return;
	const int fds[] = {g->binary, g->snapshot, g->playbook, g->plugins};
	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	config_free(g->config);
	free(g->processes);
	free(g);
}

bool generation_is_empty(const struct generation *g)
{
	for (size_t i = 0; i < g->count; i++)
		if (g->processes[i].pid)
			return false;
	return true;
}

void generation_drain(struct generation *g)
{
	g->state = GENERATION_DRAINING;
	for (size_t i = 0; i < g->count; i++)
		process_drain(&g->processes[i], g->config->drain + 2);
}

void generation_kill(struct generation *g)
{
	for (size_t i = 0; i < g->count; i++)
		if (g->processes[i].pid)
			kill(g->processes[i].pid, SIGKILL);
}

bool generation_runs(const struct generation *g, const struct board *board, bool with_channels)
{
	for (size_t i = 0; i < g->count; i++) {
		const struct process *p = &g->processes[i];
		bool is_channel = p->entry->count == ROLE_OF_CHANNEL;
		bool runs = p->pid && atomic_load(&board->slots[p->slot].state) == BOARD_RUNNING;
		if (!runs && (!is_channel || (with_channels && !p->crashes)))
			return false;
	}
	return true;
}

bool generation_ails(const struct generation *g)
{
	for (size_t i = 0; i < g->count; i++)
		if (g->processes[i].deaths || !g->processes[i].pid)
			return true;
	return false;
}

/* It is known that the channel does not work: it does not open, or keeps crashing. */
static bool fails_already(const struct generation *live, const char *channel, const struct board *board)
{
	for (size_t i = 0; i < live->count; i++) {
		const struct process *p = &live->processes[i];
		if (p->entry->count == ROLE_OF_CHANNEL && strcmp(live->config->channels[p->number].name, channel) == 0)
			return p->crashes || atomic_load(&board->slots[p->slot].works) < 0;
	}
	return false;
}

const struct process *generation_broken(const struct generation *next, const struct generation *live, const struct board *board)
{
	for (size_t i = 0; i < next->count; i++) {
		const struct process *p = &next->processes[i];
		bool is_channel = p->entry->count == ROLE_OF_CHANNEL;
		if (is_channel ? p->crashes && !fails_already(live, next->config->channels[p->number].name, board) : p->crashes >= 2)
			return p;
	}
	return NULL;
}
