/* The playbook of the active revision. One that does not load on this worker is told once and stops its turns until another is activated: to decide by the
 * revision before would be to decide by what marketing has taken back. Leads wait in the inbox. What can be run, and check would refuse by now, is run, and
 * told. */
#include "base/log.h"
#include "engine/parts.h"
#include "store/revision.h"

static void on_told(void *arg, const struct error *error)
{
	(void)arg;
	if (error)
		log_warn("engine.revision", log_str("message", error->message));
}

/* problems: NULL = there are none any more. */
static void tell(struct engine *engine, const char *writer, const char *problems)
{
	char place[WORKER_PLACE];
	worker_place(engine->worker, place);
	const struct publish_error error = {.writer = writer, .node = place, .activation = playbook_current_activation(engine->current), .problems = problems};
	store_publish_error(engine->writes, &error, on_told, engine);
}

static void on_revision(void *arg, const struct store_revision *revision, const struct error *error)
{
	struct engine *engine = arg;
	engine->loading_edition = false;
	if (error)
		engine_trouble(engine, "engine.revision", error);
	if (error || revision->activation == 0) {
		engine_pump(engine);
		return;
	}
	worker_note(engine->worker, "loading revision %.16s", revision->revision);
	playbook_current_offer(engine->current, revision->activation, &revision->files);
	worker_note(engine->worker, "%s", "");
	const char *problem = playbook_current_error(engine->current);
	engine->failing_count = 0;
	metrics_set(engine->worker->metrics, METRIC_SWITCHED_OFF, (int64_t)revision->files.off_count);
	engine->stale = ~UINT64_C(0);
	engine->edition = problem ? NULL : playbook_current_edition(engine->current);
	const char *judged = problem ? NULL : playbook_current_judged(engine->current);
	tell(engine, "active", judged);
	tell(engine, "engine", problem);
	engine_pump(engine);
}

bool engine_edition_is(const struct engine *engine, int64_t activation)
{
	return playbook_current_activation(engine->current) == activation;
}

void engine_load_edition(struct engine *engine)
{
	if (engine->loading_edition || engine->stopping)
		return;
	engine->loading_edition = true;
	store_revision_active(engine->reads, on_revision, engine);
}
