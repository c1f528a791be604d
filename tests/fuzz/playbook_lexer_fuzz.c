/* Any bytes as a file of a playbook, up to the checks before it is loaded: tokens, braces, slips, names in functions.
 */
#include "playbook/nesting.h"
#include "playbook/typing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct problems problems = {.arena = arena};
	struct uses uses = {.arena = arena};
	struct lexed_file file = playbook_lex((struct str){(const char *)data, size}, arena);
	struct nesting nesting;
	nesting_read(&nesting, &file, arena);
	if (playbook_check_typing("x.lua", &nesting, arena, &problems))
		playbook_check_functions("x.lua", &nesting, arena, &uses, &problems);
	arena_free(arena);
	return 0;
}
