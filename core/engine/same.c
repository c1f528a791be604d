/* Leads that are one person by the playbook's rule (same_person): the database finds and asks for the merge, which is an ordinary one of two turns
 * (store/merge.h). One shard at a time, beside the rounds; what came of it goes to the log. */
#include "base/log.h"
#include "engine/parts.h"
#include "store/merge.h"

static void tell(const struct same_person *pair)
{
	if (!pair->why.n)
		log_info("lead.same_person", log_int("lead", pair->lead_id), log_int("into", pair->winner), log_str("rule", pair->rule.p));
	else
		log_debug("lead.suspected", log_int("lead", pair->lead_id), log_int("like", pair->winner), log_str("rule", pair->rule.p), log_str("why", pair->why.p));
}

static void on_same(void *arg, const struct same_person *pairs, size_t count, const struct error *error)
{
	struct engine *engine = arg;
	engine->looking_alike = false;
	if (error && error->code != ERROR_DENIED)
		engine_trouble(engine, "same_person", error);
	for (size_t i = 0; i < count; i++)
		tell(&pairs[i]);
	engine_pump(engine);
}

void engine_turn_same(struct engine *engine)
{
	uint64_t shards = engine->alike & engine->held;
	if (!shards || engine->looking_alike || !engine->edition || !engine->clock_known || mono_now() < engine->pause_until)
		return;
	const struct playbook *playbook = engine->edition->playbook;
	int shard = __builtin_ctzll(shards);
	engine->alike &= ~(UINT64_C(1) << shard); /* the next poll says whether there is more */
	engine->looking_alike = true;
	store_same_turn(engine->writes, engine->worker->owner, shard, playbook->same_person, playbook->same_person_count, engine_now(engine), on_same, engine);
}
