/* The conformance kit run on the e-mail plugin as it is built: into a folder, and at a server that is not there. */
#include "channel/check.h"
#include "unit/check_main.h"

#include <jansson.h>

static void on_check(void *arg, const char *verdict, const char *what, const char *why)
{
	(void)arg;
	printf("%-8s%s: %s\n", verdict, what, why);
}

static int failures(const char *relay)
{
	json_t *settings = json_pack("{ssssss}", "relay", relay, "from", "Nurture <hello@example.com>", "tls", "none");
	int failed = channel_plugin_check(NURTURE_BUILD "/plugins/email.so", settings, NULL, on_check, NULL);
	json_decref(settings);
	return failed;
}

START_TEST(the_maildir_keeps_the_contract)
{
	ck_assert_int_eq(failures("maildir:outbox"), 0);
}
END_TEST

START_TEST(smtp_keeps_the_contract_though_the_server_is_away)
{
	ck_assert_int_eq(failures("smtp://127.0.0.1:1"), 0);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(the_maildir_keeps_the_contract),
	UNIT(smtp_keeps_the_contract_though_the_server_is_away),
};
UNIT_MAIN("channel/email", cases)
