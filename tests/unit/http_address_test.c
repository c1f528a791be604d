/* Addresses, ranges of trusted proxies, X-Forwarded-For, and where to listen. */
#include "http/address.h"
#include "unit/check_main.h"

#include <sys/stat.h>
#include <unistd.h>

static bool in(const struct address_ranges *ranges, const char *text)
{
	struct http_address address;
	ck_assert(address_parse(str_of(text), &address));
	return address_is_in(ranges, &address);
}

START_TEST(ranges_hold_what_they_name)
{
	const char *const names[] = {"127.0.0.1", "10.0.0.0/8", "192.168.1.64/26", "2001:db8::/33", "::1", NULL};
	struct address_ranges ranges;
	ck_assert_int_eq(address_ranges_parse(names, &ranges, NULL), 0);
	ck_assert(in(&ranges, "127.0.0.1") && !in(&ranges, "127.0.0.2") && in(&ranges, "::ffff:127.0.0.1"));
	ck_assert(in(&ranges, "10.255.0.1") && !in(&ranges, "11.0.0.1"));
	ck_assert(in(&ranges, "192.168.1.127") && !in(&ranges, "192.168.1.128") && !in(&ranges, "192.168.1.63"));
	ck_assert(in(&ranges, "2001:db8:7fff::1") && !in(&ranges, "2001:db8:8000::1"));
	ck_assert(in(&ranges, "::1") && !in(&ranges, "::2"));
	address_ranges_fini(&ranges);
}
END_TEST

START_TEST(what_is_no_range_is_named)
{
	static const char *const bad[] = {"", "localhost", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "::/129", "1.2.3.4/", "1.2.3.4:80"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		const char *const names[] = {"127.0.0.1", bad[i], NULL};
		struct address_ranges ranges;
		struct error error = {0};
		ck_assert_int_eq(address_ranges_parse(names, &ranges, &error), -1);
		ck_assert_str_eq(error.where, "trusted_proxies");
	}
}
END_TEST

START_TEST(forwarded_addresses_are_read_from_the_right)
{
	struct str list = STR("evil, 192.0.2.1 ,[2001:db8::1]:443,198.51.100.7:99");
	struct http_address address;
	char text[ADDRESS_TEXT];
	ck_assert(address_last_forwarded(&list, &address));
	ck_assert_str_eq(address_text(&address, text), "198.51.100.7");
	ck_assert(address_last_forwarded(&list, &address));
	ck_assert_str_eq(address_text(&address, text), "2001:db8::1");
	ck_assert(address_last_forwarded(&list, &address));
	ck_assert_str_eq(address_text(&address, text), "192.0.2.1");
	ck_assert(!address_last_forwarded(&list, &address));
	ck_assert(!address_last_forwarded(&list, &address));
	list = STR("");
	ck_assert(!address_last_forwarded(&list, &address));
}
END_TEST

START_TEST(listening_needs_an_address)
{
	static const char *const bad[] = {"", "8080", ":8080", "localhost:8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:x",
					  "::1:80", "[::1]", "[::1:80", "[127.0.0.1]:80", "unix:", "unix:relative"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct error error = {0};
		ck_assert_msg(http_listen(bad[i], &error) == -1, "%s", bad[i]);
		ck_assert_int_eq(error.code, ERROR_INVALID);
	}
	int fd = http_listen("127.0.0.1:0", NULL);
	ck_assert_int_ge(fd, 0);
	close(fd);
}
END_TEST

START_TEST(a_dead_socket_file_is_replaced_and_a_living_one_is_not)
{
	char path[] = "/tmp/http_listen_XXXXXX", address[64];
	ck_assert_ptr_nonnull(mkdtemp(path));
	snprintf(address, sizeof address, "unix:%s/s", path);
	int first = http_listen(address, NULL);
	ck_assert_int_ge(first, 0);
	struct stat info;
	ck_assert_int_eq(stat(address + 5, &info), 0);
	ck_assert_int_eq(info.st_mode & 0777, 0660);
	struct error error = {0};
	ck_assert_int_eq(http_listen(address, &error), -1);
	ck_assert_int_eq(error.code, ERROR_SYSTEM);
	close(first);
	int second = http_listen(address, NULL);
	ck_assert_int_ge(second, 0);
	close(second);
	unlink(address + 5);
	rmdir(path);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(ranges_hold_what_they_name),
	UNIT(what_is_no_range_is_named),
	UNIT(forwarded_addresses_are_read_from_the_right),
	UNIT(listening_needs_an_address),
	UNIT(a_dead_socket_file_is_replaced_and_a_living_one_is_not),
};
UNIT_MAIN("http/address", cases)
