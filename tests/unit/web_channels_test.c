/* What the database knows of channels, as /readyz and /metrics show it: those of the configuration, and all rows of one figure together. */
#include "web/context.h"

#include "unit/check_main.h"

static json_t *two_channels(void)
{
	return json_loads("[{\"channel\": \"a\", \"kind\": \"email\", \"standing\": {\"figures\": [{\"name\": \"relay_up\", \"labels\": {\"relay\": \"x\"}, \"value\": 1},"
			  " {\"name\": \"mailbox_up\", \"labels\": {}, \"value\": 0}]}},"
			  " {\"channel\": \"b\", \"kind\": \"email\", \"standing\": {\"figures\": [{\"name\": \"relay_up\", \"labels\": {}, \"value\": 0.5}]}},"
			  " {\"channel\": \"c\", \"kind\": \"call\", \"standing\": null}]",
			  0, NULL);
}

START_TEST(the_rows_of_one_figure_stand_together_whatever_channel_tells_them)
{
	json_t *channels = two_channels();
	struct buf out = {0};
	web_channel_figures(channels, &out);
	ck_assert_str_eq(buf_str(&out).p, "nurture_email_relay_up{channel=\"a\",relay=\"x\"} 1\nnurture_email_relay_up{channel=\"b\"} 0.5\nnurture_email_mailbox_up{channel=\"a\"} 0\n");
	buf_fini(&out);
	json_decref(channels);
}
END_TEST

START_TEST(a_channel_that_was_taken_out_of_the_configuration_is_not_shown)
{
	const struct config_channel configured[] = {{.name = "b"}, {.name = "never-ran"}};
	const struct config config = {.channels = configured, .channel_count = 2};
	json_t *channels = two_channels(), *ours = web_channels_configured(&config, channels);
	ck_assert_uint_eq(json_array_size(ours), 1);
	ck_assert_ptr_eq(json_array_get(ours, 0), json_array_get(channels, 1));
	json_decref(ours);
	json_decref(channels);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(the_rows_of_one_figure_stand_together_whatever_channel_tells_them),
	UNIT(a_channel_that_was_taken_out_of_the_configuration_is_not_shown),
};
UNIT_MAIN("web/channels", cases)
