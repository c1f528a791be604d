/* nurture.conf: what it takes, what it refuses and how it says so. */
#include "base/config.h"
#include "unit/check_main.h"

#include <stdlib.h>
#include <unistd.h>

static struct error error;

static struct config *read_ok(const char *text)
{
	struct config *config = config_parse("nurture.conf", str_of(text), &error);
	ck_assert_msg(config != NULL, "%s: %s", error.where, error.message);
	return config;
}

static void refused(const char *text, const char *where, const char *part)
{
	struct config *config = config_parse("nurture.conf", str_of(text), &error);
	ck_assert_msg(config == NULL, "taken: %s", text);
	ck_assert_str_eq(error.where, where);
	ck_assert_msg(strstr(error.message, part) != NULL, "“%s” does not say “%s”", error.message, part);
}

START_TEST(without_a_file_every_option_has_its_default)
{
	struct config *config = config_load(NULL, &error);
	ck_assert_ptr_nonnull(config);
	ck_assert_str_eq(config->listen, "127.0.0.1:8080");
	ck_assert_str_eq(config->public_url, "http://127.0.0.1:8080");
	ck_assert_str_eq(config->data_dir + strlen(config->data_dir) - 4, geteuid() == 0 ? "ture" : "/var");
	ck_assert_ptr_null(config->database);
	ck_assert(config->auto_migrate && !config->watch);
	ck_assert_int_eq(config->workers_web, 1);
	ck_assert_int_eq(config->drain, 60);
	ck_assert_uint_eq(config->channel_count, 0);
	ck_assert_ptr_null(config->trusted_proxies[0]);
	ck_assert_ptr_null(config->machine_networks[0]);
	ck_assert_ptr_null(config->proxy_networks[0]);
	config_free(config);
}
END_TEST

START_TEST(every_option_of_the_sample_is_read)
{
	setenv("CONFIG_TEST_PASSWORD", "hunter2", 1);
	struct config *config = read_ok(
		"listen = \"[::1]:9000\" public_url = \"https://go.example.com/\" trusted_proxies = { \"127.0.0.1\", \"10.0.0.0/8\" }\n"
		"machine_networks = { \"/etc/a.txt\", \"b.txt\" } "
		"data_dir = \"here\" database = \"postgresql:///nurture\" auto_migrate = false\n"
		"playbook = \"/etc/nurture/playbook\" watch = true\n"
		"workers = { web = 2, engine = 3 } postal_address = \"1 Main St\" user = \"www\"\n"
		"channel \"email\" { plugin = \"email\", relay = \"smtp://user:\" .. env(\"CONFIG_TEST_PASSWORD\") .. \"@mail.example.com:587\",\n"
		"  limit = 3, tls = true, headers = { \"a\", \"b\" }, in_doubt = \"resend\" }\n"
		"channel \"letters\" { plugin = \"directmail\", spool = data_dir .. \"/letters\" }\n");
	ck_assert_str_eq(config->public_url, "https://go.example.com");
	ck_assert_str_eq(config->trusted_proxies[1], "10.0.0.0/8");
	ck_assert_str_eq(config->machine_networks[0], "/etc/a.txt");
	ck_assert(config->machine_networks[1][0] == '/' && str_ends(str_of(config->machine_networks[1]), STR("/b.txt")));
	ck_assert_int_eq(config->data_dir[0], '/');
	ck_assert_int_eq(config->workers_engine, 3);
	ck_assert_uint_eq(config->channel_count, 2);
	ck_assert_str_eq(config->channels[0].in_doubt, "resend");
	ck_assert_str_eq(config->channels[1].in_doubt, "hold");
	ck_assert_str_eq(config->channels[0].where, "nurture.conf:5");
	ck_assert_str_eq(json_string_value(json_object_get(config->channels[0].settings, "relay")), "smtp://user:hunter2@mail.example.com:587");
	ck_assert_ptr_null(json_object_get(config->channels[0].settings, "plugin"));
	ck_assert_ptr_nonnull(strstr(json_string_value(json_object_get(config->channels[1].settings, "spool")), "here/letters"));
	config_free(config);
}
END_TEST

START_TEST(an_unknown_option_is_refused_with_its_line_and_the_nearest_name)
{
	refused("listen = \"127.0.0.1:1\"\npublik_url = \"https://x.example\"", "nurture.conf:2", "Did you mean \"public_url\"?");
	refused("x = 1", "nurture.conf:1", "there is no option \"x\".");
	refused("chanel \"email\" {}", "nurture.conf:1", "Did you mean \"channel\"?");
	refused("watch = os.execute(\"id\")", "nurture.conf:1", "there is no option \"os\"");
}
END_TEST

START_TEST(a_value_of_the_wrong_type_is_refused_by_name)
{
	refused("listen = 8080", "nurture.conf:1", "listen must be a text");
	refused("listen = \"8080\"", "nurture.conf:1", "ADDRESS:PORT");
	refused("listen = \"127.0.0.1:99999\"", "nurture.conf:1", "ADDRESS:PORT");
	refused("watch = \"yes\"", "nurture.conf:1", "watch must be true or false");
	refused("drain = 1.5", "nurture.conf:1", "whole number");
	refused("workers = { web = 0 }", "nurture.conf:1", "workers.web");
	refused("workers = { delivery = 1 }", "nurture.conf:1", "not \"delivery\"");
	refused("trusted_proxies = { \"localhost\" }", "nurture.conf:1", "addresses or networks");
	refused("public_url = \"javascript:alert(1)\"", "nurture.conf:1", "https://");
	refused("log_level = \"loud\"", "nurture.conf:1", "log_level must be");
}
END_TEST

START_TEST(said_twice_is_refused_with_both_lines)
{
	refused("watch = true\nwatch = false", "nurture.conf:2", "first on line 1");
	refused("channel \"a\" { plugin = \"email\" }\nchannel \"a\" { plugin = \"email\" }", "nurture.conf:2", "first on line 1");
}
END_TEST

START_TEST(a_channel_must_be_whole)
{
	refused("channel \"a\"", "nurture.conf:1", "has no braces");
	refused("channel \"a\" {}", "nurture.conf:1", "names no plugin");
	refused("channel \"a\" { plugin = \"../evil\" }", "nurture.conf:1", "not a name");
	refused("channel \"A b\" { plugin = \"email\" }", "nurture.conf:1", "needs a name");
	refused("channel \"a\" { plugin = \"email\", in_doubt = \"maybe\" }", "nurture.conf:1", "in_doubt");
	refused("channel \"a\" { \"email\" }", "nurture.conf:1", "every setting needs a name");
	refused("channel \"a\" { plugin = \"email\", f = function() end }", "nurture.conf:1", "only texts, numbers");
}
END_TEST

START_TEST(a_configuration_that_never_ends_is_ended)
{
	refused("while true do end", "nurture.conf:1", "runs for ever");
	refused("local s = \"x\" while true do s = s .. s end", "nurture.conf", "memory");
	refused("\n\nlisten = \"", "nurture.conf:3", "unfinished string");
	refused("channel(\"a\"){ plugin = env(\"CONFIG_TEST_NONE\") }", "nurture.conf:1", "the environment has no CONFIG_TEST_NONE");
}
END_TEST

START_TEST(the_description_never_shows_a_secret)
{
	setenv("CONFIG_TEST_PASSWORD", "hunter2", 1);
	struct config *config = read_ok("database = \"postgresql://me:opensesame@db/x\"\n"
					"channel \"e\" { plugin = \"email\", relay = \"smtp://u:\" .. env(\"CONFIG_TEST_PASSWORD\") .. \"@h\", api_token = \"abc123\","
					" list = { env(\"CONFIG_TEST_PASSWORD\") } }");
	char *text = config_describe(config);
	ck_assert_ptr_null(strstr(text, "hunter2"));
	ck_assert_ptr_null(strstr(text, "opensesame"));
	ck_assert_ptr_null(strstr(text, "abc123"));
	ck_assert_ptr_nonnull(strstr(text, "postgresql://me:***@db/x"));
	ck_assert_ptr_nonnull(strstr(text, "smtp://u:***@h"));
	free(text);
	config_free(config);
}
END_TEST

START_TEST(what_a_running_server_cannot_change_is_named)
{
	struct config *a = read_ok("watch = true"), *b = read_ok("watch = false"), *c = read_ok("data_dir = \"/else\"");
	ck_assert_ptr_null(config_fixed_difference(a, b));
	ck_assert_str_eq(config_fixed_difference(a, c), "data_dir");
	config_free(a);
	config_free(b);
	config_free(c);
}
END_TEST

START_TEST(what_env_read_is_read_again_where_the_environment_is_gone)
{
	static const char text[] = "channel \"email\" { plugin = \"email\", password = env(\"CONFIG_TEST_PASSWORD\") }";
	setenv("CONFIG_TEST_PASSWORD", "hunter2", 1);
	struct config *first = config_parse("nurture.conf", str_of(text), &error);
	ck_assert_msg(first, "%s", error.message);
	unsetenv("CONFIG_TEST_PASSWORD");
	ck_assert_ptr_null(config_parse("nurture.conf", str_of(text), &error));
	struct config *again = config_parse_again("nurture.conf", str_of(text), first->env, &error);
	ck_assert_ptr_nonnull(again);
	ck_assert_str_eq(json_string_value(json_object_get(again->channels[0].settings, "password")), "hunter2");
	char *shown = config_describe(again);
	ck_assert_ptr_null(strstr(shown, "hunter2"));
	free(shown);
	config_free(first);
	config_free(again);
}
END_TEST

START_TEST(what_is_kept_how_long_is_said_in_full_or_refused)
{
	struct config *config = read_ok("retention = { { segment = \"cold\", older = \"24 months\" }, { everybody = true, older = \"7y\" }, anonymous = \"30 days\" }");
	ck_assert_uint_eq(config->retention_count, 2);
	ck_assert_str_eq(config->retention[0].segment, "cold");
	ck_assert_str_eq(config->retention[0].older, "24 months");
	ck_assert_ptr_null(config->retention[1].segment);
	ck_assert_int_eq(config->anonymous_days, 30);
	struct config *longer = read_ok("retention = { anonymous = \"6 months\" }");
	ck_assert_int_ge(longer->anonymous_days, 184); /* July to January */
	config_free(longer);
	char *said = config_describe(config);
	ck_assert_ptr_nonnull(strstr(said, "retention = { { segment = \"cold\", older = \"24 months\" }, { everybody = true, older = \"7y\" }, anonymous = \"30 days\" }\n"));
	free(said);
	config_free(config);
	static const struct { const char *text, *told; } bad[] = {
		{"retention = 5", "retention must be"}, {"retention = { \"cold\" }", "a rule is {"}, {"retention = { { older = \"2y\" } }", "whom it means"},
		{"retention = { { segment = \"cold\" } }", "says how old"}, {"retention = { { segment = \"cold\", everybody = true, older = \"2y\" } }", "whom it means"},
		{"retention = { { segment = \"cold\", older = \"29 days\" } }", "at least 30 days"}, {"retention = { { segment = \"cold\", older = \"6m\" } }", "6mo"},
		{"retention = { { everybody = \"yes\", older = \"2y\" } }", "not \"everybody\""}, {"retention = { { segments = \"cold\", older = \"2y\" } }", "not \"segments\""},
		{"retention = { visitors = \"30 days\" }", "not \"visitors\""}, {"retention = { anonymous = 30 }", "must be a text"}, {"retention = { segment = \"cold\", older = \"2y\" }", "rules in braces"},
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		refused(bad[i].text, "nurture.conf:1", bad[i].told);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(what_is_kept_how_long_is_said_in_full_or_refused),
	UNIT(without_a_file_every_option_has_its_default),
	UNIT(every_option_of_the_sample_is_read),
	UNIT(an_unknown_option_is_refused_with_its_line_and_the_nearest_name),
	UNIT(a_value_of_the_wrong_type_is_refused_by_name),
	UNIT(said_twice_is_refused_with_both_lines),
	UNIT(a_channel_must_be_whole),
	UNIT(a_configuration_that_never_ends_is_ended),
	UNIT(the_description_never_shows_a_secret),
	UNIT(what_a_running_server_cannot_change_is_named),
	UNIT(what_env_read_is_read_again_where_the_environment_is_gone),
};
UNIT_MAIN("base/config", cases)
