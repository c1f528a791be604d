/* What nodes must agree on: told by hashes that all of them make alike, and that tell nobody a value. */
#include "jobs/presence.h"

#include "unit/check_main.h"

#include <stdlib.h>
#include <string.h>

static json_t *options_of(const char *text, const char *secret)
{
	struct error error = {0};
	struct config *config = config_parse("test.conf", str_of(text), &error);
	ck_assert_msg(config != NULL, "%s", error.message);
	json_t *options = presence_options(config, str_of(secret));
	config_free(config);
	return options;
}

static const char channel[] = "public_url = \"https://go.example.com\" channel \"email\" { plugin = \"email\", relay = \"smtp://me:hunter2@mail.example.com\" }";

START_TEST(the_same_options_have_the_same_hashes_and_others_have_others)
{
	json_t *one = options_of(channel, "secret"), *same = options_of(channel, "secret"), *elsewhere = options_of(channel, "another");
	ck_assert(json_equal(one, same));
	ck_assert(!json_equal(json_object_get(one, "public_url"), json_object_get(elsewhere, "public_url")));
	json_t *other = options_of("public_url = \"https://go.example.com\" channel \"email\" { plugin = \"email\", relay = \"smtp://me:hunter3@mail.example.com\" }",
				   "secret");
	ck_assert(json_equal(json_object_get(one, "public_url"), json_object_get(other, "public_url")));
	ck_assert(!json_equal(json_object_get(one, "channel \"email\": relay"), json_object_get(other, "channel \"email\": relay")));
	json_decref(one), json_decref(same), json_decref(elsewhere), json_decref(other);
}
END_TEST

START_TEST(no_value_is_told)
{
	json_t *options = options_of(channel, "secret");
	char *text = json_dumps(options, JSON_COMPACT);
	static const char *const values[] = {"hunter2", "me:", "mail.example.com", "https", "hold", "secret"};
	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		ck_assert_ptr_null(strstr(text, values[i]));
	free(text);
	json_decref(options);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(the_same_options_have_the_same_hashes_and_others_have_others),
	UNIT(no_value_is_told),
};
UNIT_MAIN("jobs/presence", cases)
