/* crowd CONNINFO LEADS [EVENTS [SEED]]: fills an empty database of nurture's with a crowd of leads, the same for the same seed (crowd.h). */
#include "tools/crowd.h"

int main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "crowd CONNINFO LEADS [EVENTS [SEED]]\n");
		return 2;
	}
	struct crowd crowd = {.connection = PQconnectdb(argv[1]), .leads = atoll(argv[2]), .events = argc > 3 ? atoll(argv[3]) : 20,
			      .seed = argc > 4 ? strtoull(argv[4], NULL, 10) : 1, .now = real_now(), .rows = true};
	if (PQstatus(crowd.connection) != CONNECTION_OK)
		crowd_fail(&crowd);
	if (crowd.leads < 1 || crowd.events < 1 || crowd.events > HISTORY_EXACT) {
		fprintf(stderr, "crowd: at least one lead, and 1 to %d events each\n", HISTORY_EXACT);
		return 2;
	}
	crowd_make(&crowd);
	printf("%lld leads with %lld events each, seed %llu\n", (long long)crowd.leads, (long long)crowd.events, (unsigned long long)crowd.seed);
	PQfinish(crowd.connection);
	return 0;
}
