/* Any bytes as a file beside a small sound playbook, all the way through playbook_load. */
#include "playbook/playbook.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char base[] =
	"playbook \"x\" {}\nfield \"timing\" { type = \"choice\", choices = { \"now\", \"later\" } }\n"
	"field \"employees\" { of = \"account\", type = \"number\" }\nasset \"guide\" { kind = \"white-paper\" }\n"
	"person \"north\" { email = \"n@example.com\" }\nmodel \"nature\" { rule \"r\" { points = 1 } }\n"
	"model \"nurture\" { rule \"r\" { on \"asset.download\", points = 1 } }\n"
	"grades \"main\" { axes = { nature = { A = 50, B = 0 }, nurture = { 50, 0 } }, band \"all\" { grades = { "
	"\"A*\", \"B*\" } } }\n"
	"segment \"active\" { who = on \"*\" }\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct playbook_file list[] = {
		{"a.lua", {base, sizeof base - 1}},
		{"b.lua", {(const char *)data, size}},
		{"templates/call/web-lead.md", {"Hello.\n", 7}},
	};
	struct playbook_files files = {.files = list, .count = 3};
	struct problems problems = {.arena = arena_new()};
	struct playbook *playbook = playbook_load(&files, NULL, &problems);
	if ((playbook != NULL) != (problems.errors == 0))
		abort();
	playbook_free(playbook);
	free(problems_text(&problems));
	arena_free(problems.arena);
	return 0;
}
