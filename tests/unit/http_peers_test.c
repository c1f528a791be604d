/* How many connections an address may hold: counted exactly, forgotten at the last, an IPv6 customer is one. */
#include "http/address.h"
#include "http/peers.h"
#include "unit/check_main.h"

static struct http_address at(const char *text)
{
	struct http_address address = {0};
	ck_assert_msg(address_parse(str_of(text), &address), "%s", text);
	return address;
}

START_TEST(an_address_holds_its_limit_and_no_more_and_others_are_not_concerned)
{
	struct peers *peers = peers_new();
	const struct http_address one = at("192.0.2.1"), other = at("192.0.2.2");
	struct peer *held[3];
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 3; i++)
			ck_assert_ptr_nonnull(held[i] = peers_take(peers, &one, 3));
		ck_assert_ptr_null(peers_take(peers, &one, 3));
		struct peer *its = peers_take(peers, &other, 3);
		ck_assert_ptr_nonnull(its);
		peers_give_back(peers, its);
		for (int i = 0; i < 3; i++)
			peers_give_back(peers, held[i]);
	}
	peers_give_back(peers, NULL);
	peers_free(peers);
}
END_TEST

START_TEST(an_ipv6_network_of_one_customer_is_one)
{
	struct peers *peers = peers_new();
	const struct http_address a = at("2001:db8:0:1::1"), b = at("2001:db8:0:1:ffff::2"), c = at("2001:db8:0:2::1");
	ck_assert_ptr_nonnull(peers_take(peers, &a, 2));
	ck_assert_ptr_nonnull(peers_take(peers, &b, 2));
	ck_assert_ptr_null(peers_take(peers, &a, 2));
	ck_assert_ptr_nonnull(peers_take(peers, &c, 2));
	peers_free(peers);
}
END_TEST

START_TEST(ten_thousand_addresses_come_and_go)
{
	struct peers *peers = peers_new();
	enum { MANY = 10000 };
	static struct peer *held[MANY];
	struct http_address address = at("198.51.0.0");
	for (int i = 0; i < MANY; i++) {
		address.bytes[14] = (unsigned char)(i >> 8);
		address.bytes[15] = (unsigned char)i;
		ck_assert_ptr_nonnull(held[i] = peers_take(peers, &address, 1));
		ck_assert_ptr_null(peers_take(peers, &address, 1));
	}
	for (int i = 0; i < MANY; i++)
		peers_give_back(peers, held[i]);
	address = at("198.51.0.0");
	ck_assert_ptr_nonnull(peers_take(peers, &address, 1));
	peers_free(peers);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(an_address_holds_its_limit_and_no_more_and_others_are_not_concerned),
	UNIT(an_ipv6_network_of_one_customer_is_one),
	UNIT(ten_thousand_addresses_come_and_go),
};
UNIT_MAIN("http/peers", cases)
