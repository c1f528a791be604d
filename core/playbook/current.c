/* One playbook in force and the number of the last activation that was offered. */
#include "playbook/current.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>

struct playbook_current {
	const struct playbook_site *site;
	const char *who;
	struct edition *edition;
	struct edition *before;  /* kept one activation longer: answers of the store that are under way borrow its schema */
	int64_t activation;
	char error[1024];
	char *judged;            /* NULL = nothing */
};

struct playbook_current *playbook_current_new(const struct playbook_site *site, const char *who)
{
	struct playbook_current *current = mem_alloc(sizeof *current);
	current->site = site;
	current->who = who;
	return current;
}

void playbook_current_free(struct playbook_current *current)
{
	if (!current)
		return;
	edition_unref(current->edition);
	edition_unref(current->before);
	free(current->judged);
	free(current);
}

static void refuse(struct playbook_current *current, const struct problems *problems)
{
	const struct problem *first = problems_first_error(problems);
	snprintf(current->error, sizeof current->error, "%s:%d: %s", first ? first->at.file : "playbook", first ? first->at.line : 0,
		 first ? first->message : "does not load");
	log_error("playbook.broken", log_str("who", current->who), log_int("activation", current->activation),
		  log_str("error", current->error));
}

/* A rule may be younger than the revision: what can be run is run, and told. */
static void tell_judged(struct playbook_current *current, const struct problems *problems)
{
	struct problem one;
	struct problems list = {.items = &one, .count = 1};
	struct buf all = {0};
	free(current->judged);
	current->judged = NULL;
	for (size_t i = 0; i < problems->count; i++) {
		if (problems->items[i].kind != PROBLEM_JUDGED)
			continue;
		one = problems->items[i];
		char *text = problems_text(&list);
		buf_puts(&all, text);
		free(text);
	}
	if (all.n) {
		current->judged = mem_dup(all.p);
		log_warn("playbook.judged", log_str("who", current->who), log_int("activation", current->activation),
			 log_int("problems", (int64_t)problems->judged), log_str("refused", current->judged));
	}
	buf_fini(&all);
}

bool playbook_current_offer(struct playbook_current *current, int64_t activation, const struct playbook_files *files)
{
	if (activation == current->activation)
		return false;
	struct problems problems = {.arena = arena_new(), .published = true};
	struct edition *edition = edition_load(files, current->site, activation, &problems);
	current->activation = activation;
	if (edition) {
		edition_unref(current->before);
		current->before = current->edition;
		current->edition = edition;
		current->error[0] = '\0';
		log_info("playbook.active", log_str("who", current->who), log_int("activation", activation),
			 log_str("revision", edition->playbook->revision));
		tell_judged(current, &problems);
	} else {
		refuse(current, &problems);
	}
	arena_free(problems.arena);
	return edition != NULL;
}

int64_t playbook_current_activation(const struct playbook_current *current)
{
	return current->activation;
}

struct edition *playbook_current_edition(const struct playbook_current *current)
{
	return current->edition;
}

struct playbook *playbook_current_get(const struct playbook_current *current)
{
	return current->edition ? current->edition->playbook : NULL;
}

const char *playbook_current_judged(const struct playbook_current *current)
{
	return current->judged;
}

const char *playbook_current_error(const struct playbook_current *current)
{
	return current->error[0] ? current->error : NULL;
}

const struct schema *playbook_current_schema(const struct playbook_current *current)
{
	return current->edition ? &current->edition->playbook->schema : &model_standard_schema;
}
