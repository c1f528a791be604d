/* Networks from which no person reads: ours, those of files, exceptions; which of several decides. */
#include "unit/check_main.h"
#include "http/address.h"
#include "web/networks.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char path[] = "/tmp/networks-test-XXXXXX";

static void write_list(const char *text)
{
	FILE *file = fopen(path, "w");
	ck_assert(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

static void begin(void)
{
	snprintf(path, sizeof path, "/tmp/networks-test-XXXXXX");
	int fd = mkstemp(path);
	ck_assert(fd >= 0 && close(fd) == 0);
}

static enum network_use use(const struct web_networks *networks, const char *text)
{
	struct http_address address;
	ck_assert(address_parse(str_of(text), &address));
	return web_networks_use(networks, &address);
}

START_TEST(ours_are_known_and_everybody_else_is_a_person)
{
	struct error error;
	struct web_networks *networks = web_networks_new(&(struct config){0}, &error);
	ck_assert_ptr_nonnull(networks);
	ck_assert_int_eq(use(networks, "40.107.3.4"), NETWORK_MACHINE);
	ck_assert_int_eq(use(networks, "40.93.255.255"), NETWORK_MACHINE);
	ck_assert_int_eq(use(networks, "40.94.0.0"), NETWORK_PERSON);
	ck_assert_int_eq(use(networks, "2a01:111:f400:7e00::1"), NETWORK_MACHINE);
	ck_assert_int_eq(use(networks, "17.58.1.2"), NETWORK_PROXY);
	ck_assert_int_eq(use(networks, "127.0.0.1"), NETWORK_PERSON);
	ck_assert_int_eq(use(networks, "2001:db8::1"), NETWORK_PERSON);
	ck_assert_int_eq(web_networks_use(networks, &(struct http_address){.is_unix = true}), NETWORK_PERSON);
	web_networks_free(networks);
}
END_TEST

START_TEST(files_add_to_them_and_except_and_the_narrowest_decides)
{
	struct error error;
	const char *const files[] = {path, NULL};
	begin();
	write_list("# a comment\n\n192.0.2.0/24 ours\n!192.0.2.7\n 198.51.100.9,GB,GB-EN,London,\n2001:db8:1::/48#x\n203.0.113.77/24\r\n!40.107.8.0/24\n!17.0.0.0/8");
	struct web_networks *networks = web_networks_new(&(struct config){.machine_networks = files}, &error);
	ck_assert_msg(networks != NULL, "%s", error.message);
	ck_assert_int_eq(use(networks, "192.0.2.6"), NETWORK_MACHINE);
	ck_assert_int_eq(use(networks, "192.0.2.7"), NETWORK_PERSON);
	ck_assert_int_eq(use(networks, "198.51.100.9"), NETWORK_MACHINE);
	ck_assert_int_eq(use(networks, "198.51.100.8"), NETWORK_PERSON);
	ck_assert_int_eq(use(networks, "2001:db8:1:ffff::1"), NETWORK_MACHINE);
	ck_assert_int_eq(use(networks, "2001:db8:2::1"), NETWORK_PERSON);
	ck_assert_int_eq(use(networks, "203.0.113.1"), NETWORK_MACHINE);
	ck_assert_int_eq(use(networks, "40.107.8.1"), NETWORK_PERSON);
	ck_assert_int_eq(use(networks, "40.107.9.1"), NETWORK_MACHINE);
	ck_assert_int_eq(use(networks, "17.58.1.2"), NETWORK_PERSON);
	web_networks_free(networks);
	networks = web_networks_new(&(struct config){.proxy_networks = files}, &error);
	ck_assert_int_eq(use(networks, "192.0.2.6"), NETWORK_PROXY);
	web_networks_free(networks);
	unlink(path);
}
END_TEST

START_TEST(a_list_that_cannot_be_read_is_refused_with_its_place)
{
	static const char *const bad[] = {"192.0.2.0/24\nexample.com\n", "192.0.2.0/24\n192.0.2.0/33\n", "#\n!\n", "#\n10.0.0.0/8/8", "\n1.2.3\n"};
	struct error error;
	char where[64];
	const char *const files[] = {path, NULL}, *const missing[] = {"/nonexistent/list", NULL}, *const folder[] = {"/tmp", NULL};
	begin();
	snprintf(where, sizeof where, "%s:2", path);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		write_list(bad[i]);
		ck_assert_ptr_null(web_networks_new(&(struct config){.machine_networks = files}, &error));
		ck_assert_str_eq(error.where, where);
	}
	ck_assert_ptr_null(web_networks_new(&(struct config){.machine_networks = missing}, &error));
	ck_assert_ptr_null(web_networks_new(&(struct config){.proxy_networks = folder}, &error));
	unlink(path);
}
END_TEST

static const struct unit_case cases[] = {UNIT(ours_are_known_and_everybody_else_is_a_person), UNIT(files_add_to_them_and_except_and_the_narrowest_decides),
					 UNIT(a_list_that_cannot_be_read_is_refused_with_its_place)};
UNIT_MAIN("web/networks", cases)
