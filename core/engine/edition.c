/* The playbook of the active revision. A revision that does not load on this worker is told once and stops its turns until
 * another one is activated; leads wait in the inbox. */
#include "base/log.h"
#include "base/mem.h"
#include "engine/parts.h"
#include "store/revision.h"

#include <stdlib.h>

static void on_told(void *arg, const struct error *error)
{
	(void)arg;
	if (error)
		log_warn("engine.edition", log_str("message", error->message));
}

static void refuse(struct engine *engine, const struct store_revision *revision, const char *problems)
{
	log_error("engine.revision.refused", log_str("revision", revision->revision), log_int("activation", revision->activation),
		  log_str("message", "turns stop until a revision is published that loads on this worker"), log_str("problems", problems));
	store_publish_error(engine->writes, "engine", problems, on_told, engine);
	edition_unref(engine->edition);
	engine->edition = NULL;
	engine->refused = revision->activation;
}

static void on_revision(void *arg, const struct store_revision *revision, const struct error *error)
{
	struct engine *engine = arg;
	char *problems = NULL;
	engine->loading_edition = false;
	if (error) {
		engine_trouble(engine, "engine.revision", error);
		return;
	}
	if (revision->activation == 0)
		return;
	struct playbook_file *list = mem_array(revision->count + 1, sizeof *list);
	for (size_t i = 0; i < revision->count; i++)
		list[i] = (struct playbook_file){mem_dup_n(revision->files[i].path.p, revision->files[i].path.n), revision->files[i].bytes};
	struct playbook_files files = {list, revision->count};
	worker_note(engine->worker, "loading revision %.16s", revision->revision);
	struct edition *edition = edition_load(&files, engine->worker->config, revision->activation, &problems);
	worker_note(engine->worker, "%s", "");
	for (size_t i = 0; i < revision->count; i++)
		free((char *)list[i].path);
	free(list);
	if (edition) {
		edition_unref(engine->edition);
		engine->edition = edition;
		engine->refused = 0;
		log_info("engine.revision", log_str("revision", revision->revision), log_int("activation", revision->activation));
	} else {
		refuse(engine, revision, problems);
		free(problems);
	}
	engine_pump(engine);
}

void engine_load_edition(struct engine *engine)
{
	if (engine->loading_edition)
		return;
	engine->loading_edition = true;
	store_revision_active(engine->reads, on_revision, engine);
}
