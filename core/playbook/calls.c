/* Finding scripts, their results and dispositions by name. Needs only the plain structs. */
#include "playbook/calls.h"

const struct call_script *playbook_script(const struct playbook *playbook, struct str name)
{
	for (size_t i = 0; i < playbook->script_count; i++)
		if (str_is(name, playbook->scripts[i].name))
			return &playbook->scripts[i];
	return NULL;
}

const struct disposition *playbook_disposition(const struct playbook *playbook, struct str name)
{
	for (size_t i = 0; i < playbook->disposition_count; i++)
		if (str_is(name, playbook->dispositions[i].name))
			return &playbook->dispositions[i];
	return NULL;
}

const struct call_result *call_script_result(const struct call_script *script, struct str name)
{
	for (size_t i = 0; i < script->result_count; i++)
		if (str_is(name, script->results[i].name))
			return &script->results[i];
	return NULL;
}
