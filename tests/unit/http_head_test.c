/* The head of a request: one reading, or none. */
#include "http/charset.h"
#include "http/head.h"
#include "unit/check_main.h"

static struct http_limits limits;
static struct head head;
static struct head_fault fault;

/* HEAD_END with head filled, else fault. All at once. */
static enum head_result read_all(const char *text, size_t n)
{
	struct head_scan scan = {0};
	limits = http_limits_default();
	memset(&head, 0, sizeof head);
	fault = (struct head_fault){0};
	enum head_result result = head_scan(&scan, text, n, &limits, &fault);
	if (result == HEAD_END)
		result = head_parse(&head, text + scan.start, scan.at - scan.start, &fault);
	return result;
}

static int status_of(const char *text, size_t n)
{
	enum head_result result = read_all(text, n);
	return result == HEAD_END ? 200 : result == HEAD_MORE ? 0 : fault.status;
}
#define STATUS(text) status_of(text, sizeof(text) - 1)
#define GET(fields) STATUS("GET / HTTP/1.1\r\n" fields "\r\n")
#define POST(fields) STATUS("POST / HTTP/1.1\r\nHost: a\r\n" fields "\r\n")

START_TEST(a_plain_request_is_read_as_it_stands)
{
	ck_assert_int_eq(STATUS("POST /a?b=c HTTP/1.1\r\nHost: x.example:8080\r\nContent-Length:  12 \r\nX-Empty:\r\n"
				"Content-Type: text/plain\r\n\r\n"), 200);
	ck_assert_int_eq(head.method, HTTP_POST);
	ck_assert(str_is(head.target, "/a?b=c"));
	ck_assert_uint_eq(head.length, 12);
	ck_assert(head.has_length && !head.close && head.minor == 1 && head.count == 4);
	ck_assert(str_is(head.host, "x.example:8080"));
	ck_assert(str_is(head_find(&head, STR("content-type")), "text/plain"));
	ck_assert(head_find(&head, STR("x-empty")).p != NULL);
	ck_assert_ptr_null(head_find(&head, STR("x-none")).p);
}
END_TEST

START_TEST(lines_end_with_cr_lf_and_nothing_else)
{
	ck_assert_int_eq(STATUS("GET / HTTP/1.1\nHost: a\r\n\r\n"), 400);
	ck_assert_int_eq(STATUS("GET / HTTP/1.1\r\nHost: a\n\r\n"), 400);
	ck_assert_int_eq(STATUS("GET / HTTP/1.1\r\nHost: a\r\n\n"), 400);
	ck_assert_int_eq(STATUS("GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n"), 400);
	ck_assert_int_eq(STATUS("GET / HTTP/1.1\r\r\nHost: a\r\n\r\n"), 400);
	ck_assert_int_eq(STATUS("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	ck_assert_int_eq(STATUS("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
	ck_assert_int_eq(STATUS("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
}
END_TEST

START_TEST(the_request_line_has_one_form)
{
	ck_assert_int_eq(STATUS("GET  / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	ck_assert_int_eq(STATUS("GET /  HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	ck_assert_int_eq(STATUS(" GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	ck_assert_int_eq(STATUS("GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	ck_assert_int_eq(STATUS("GET / HTTP/1.1 \r\nHost: a\r\n\r\n"), 400);
	ck_assert_int_eq(STATUS("GET /\r\n\r\n"), 400);
	ck_assert_int_eq(STATUS("GET / http/1.1\r\nHost: a\r\n\r\n"), 400);
	ck_assert_int_eq(STATUS("GET / HTTP/1.1x\r\nHost: a\r\n\r\n"), 400);
	ck_assert_int_eq(STATUS("GET / HTTP/01.1\r\nHost: a\r\n\r\n"), 400);
	ck_assert_int_eq(STATUS("GET / HTTP/1.2\r\nHost: a\r\n\r\n"), 505);
	ck_assert_int_eq(STATUS("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), 505);
	ck_assert_int_eq(STATUS("PRI * HTTP/2.0\r\n\r\n"), 505);
	ck_assert_int_eq(STATUS("get / HTTP/1.1\r\nHost: a\r\n\r\n"), 501);
	ck_assert_int_eq(STATUS("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n"), 501);
	ck_assert_int_eq(STATUS("CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n"), 501);
	ck_assert_int_eq(STATUS("G\0T / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	ck_assert_int_eq(STATUS("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	ck_assert_int_eq(STATUS("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	ck_assert_int_eq(STATUS("\x16\x03\x01\x02\x00\x01"), 400);
}
END_TEST

START_TEST(a_length_has_one_reading)
{
	ck_assert_int_eq(POST("Content-Length: 5\r\nContent-Length: 5\r\n"), 400);
	ck_assert_int_eq(POST("Content-Length: 5\r\nContent-Length: 6\r\n"), 400);
	ck_assert_int_eq(POST("Content-Length: 5, 5\r\n"), 400);
	ck_assert_int_eq(POST("Content-Length: +5\r\n"), 400);
	ck_assert_int_eq(POST("Content-Length: -5\r\n"), 400);
	ck_assert_int_eq(POST("Content-Length: 0x5\r\n"), 400);
	ck_assert_int_eq(POST("Content-Length: 05\r\n"), 400);
	ck_assert_int_eq(POST("Content-Length: 5 5\r\n"), 400);
	ck_assert_int_eq(POST("Content-Length: 5;\r\n"), 400);
	ck_assert_int_eq(POST("Content-Length:\r\n"), 400);
	ck_assert_int_eq(POST("Content-Length: 99999999999999999999\r\n"), 413);
	ck_assert_int_eq(POST("Content-Length : 5\r\n"), 400);
	ck_assert_int_eq(POST("Content-Length\r\n"), 400);
	ck_assert_int_eq(POST("Transfer-Encoding: chunked\r\n"), 501);
	ck_assert_int_eq(POST("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400);
	ck_assert_int_eq(POST("Content-Length: 5\r\nTransfer-Encoding: xchunked\r\n"), 400);
	ck_assert_int_eq(POST("Transfer-Encoding: identity\r\n"), 501);
	ck_assert_int_eq(POST("Transfer-Encoding:\r\n"), 501);
	ck_assert_int_eq(POST("Transfer-Encoding\t: chunked\r\n"), 400);
	ck_assert_int_eq(POST("X: a\r\n Transfer-Encoding: chunked\r\n"), 400);
	ck_assert_int_eq(STATUS("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
	ck_assert_int_eq(STATUS("POST / HTTP/1.0\r\n\r\n"), 400);
	ck_assert_int_eq(GET("Host: a\r\nContent-Length: 5\r\n"), 400);
	ck_assert_int_eq(GET("Host: a\r\nContent-Length: 0\r\n"), 200);
	ck_assert(head.close);
	ck_assert_int_eq(POST(""), 200);
	ck_assert(head.length == 0 && !head.has_length);
}
END_TEST

START_TEST(there_is_exactly_one_host)
{
	ck_assert_int_eq(GET(""), 400);
	ck_assert_int_eq(GET("Host: a\r\nHost: a\r\n"), 400);
	ck_assert_int_eq(GET("Host:\r\n"), 400);
	ck_assert_int_eq(GET("Host: a b\r\n"), 400);
	ck_assert_int_eq(GET("Host: a@b\r\n"), 400);
	ck_assert_int_eq(GET("Host: a/b\r\n"), 400);
	ck_assert_int_eq(GET("Host: a:80a\r\n"), 400);
	ck_assert_int_eq(GET("Host: [::1\r\n"), 400);
	ck_assert_int_eq(GET("Host: [::1]x\r\n"), 400);
	ck_assert_int_eq(GET("Host: [::1]:8080\r\n"), 200);
	ck_assert_int_eq(GET("Host: 127.0.0.1:80\r\n"), 200);
	ck_assert_int_eq(STATUS("GET / HTTP/1.0\r\n\r\n"), 200);
	ck_assert(head.close);
	ck_assert_int_eq(STATUS("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"), 400);
}
END_TEST

START_TEST(field_lines_are_clean)
{
	ck_assert_int_eq(GET("Host: a\r\n: b\r\n"), 400);
	ck_assert_int_eq(GET("Host: a\r\nX Y: b\r\n"), 400);
	ck_assert_int_eq(GET("Host: a\r\nX\r\n"), 400);
	ck_assert_int_eq(GET("Host: a\r\nX: b\r\n\tfolded\r\n"), 400);
	ck_assert_int_eq(GET(" Host: a\r\n"), 400);
	ck_assert_int_eq(GET("Host: a\r\nX: a\x01z\r\n"), 400);
	ck_assert_int_eq(GET("Host: a\r\nX: a\x7fz\r\n"), 400);
	ck_assert_int_eq(GET("Host: a\r\nX: a\0z\r\n"), 400);
	ck_assert_int_eq(GET("Host: a\r\nX\xc3\xa4: b\r\n"), 400);
	ck_assert_int_eq(GET("Host: a\r\nX: \xc3\xa4\r\n"), 200);
	ck_assert_int_eq(GET("Host: a\r\nAuthorization: a\r\nAuthorization: b\r\n"), 400);
	ck_assert_int_eq(POST("Content-Type: a/b\r\nContent-Type: c/d\r\n"), 400);
	ck_assert_int_eq(POST("Expect: 100-Continue\r\n"), 200);
	ck_assert(head.expects_continue);
	ck_assert_int_eq(POST("Expect: magic\r\n"), 417);
	ck_assert_int_eq(GET("Host: a\r\nConnection: x, Close ,y\r\n"), 200);
	ck_assert(head.close);
}
END_TEST

START_TEST(limits_hold_to_the_byte)
{
	static char text[65536];
	struct head_scan scan;
	for (int extra = 0; extra < 2; extra++) { /* "GET /aaa… HTTP/1.1" of exactly 8192 bytes, then of one more */
		size_t a = 8192 - 14 + (size_t)extra;
		int n = sprintf(text, "GET /");
		memset(text + n, 'a', a);
		n += (int)a + sprintf(text + n + a, " HTTP/1.1\r\nHost: a\r\n\r\n");
		ck_assert_int_eq(status_of(text, (size_t)n), extra ? 414 : 200);
	}
	memset(text, 'a', sizeof text);
	scan = (struct head_scan){0};
	ck_assert_int_eq(head_scan(&scan, text, 8193, &limits, &fault), HEAD_MORE); /* the CR may be the last one */
	ck_assert_int_eq(head_scan(&scan, text, 8194, &limits, &fault), HEAD_BAD);
	ck_assert_int_eq(fault.status, 414);
	for (int fields = 100; fields <= 101; fields++) {
		size_t n = (size_t)sprintf(text, "GET / HTTP/1.1\r\nHost: a\r\n");
		for (int i = 1; i < fields; i++)
			n += (size_t)sprintf(text + n, "X-%d: 1\r\n", i);
		n += (size_t)sprintf(text + n, "\r\n");
		ck_assert_int_eq(status_of(text, n), fields == 100 ? 200 : 431);
	}
	for (int extra = 0; extra < 2; extra++) { /* header lines of 16384 bytes together, then of one more */
		size_t n = (size_t)sprintf(text, "GET / HTTP/1.1\r\nHost: a\r\n");
		for (int i = 0; i < 4; i++) {
			size_t value = (16384 - 9) / 4 - 5 + (i == 3 ? (16384 - 9) % 4 + (size_t)extra : 0);
			n += (size_t)sprintf(text + n, "X: ");
			memset(text + n, 'b', value);
			n += value + (size_t)sprintf(text + n + value, "\r\n");
		}
		n += (size_t)sprintf(text + n, "\r\n");
		ck_assert_int_eq(status_of(text, n), extra ? 431 : 200);
	}
}
END_TEST

START_TEST(bytes_that_come_one_by_one_read_the_same)
{
	static const char *const texts[] = {
		"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
		"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
		"\r\n\r\nGET",
		("\xc7" "ET / HTTP/1.1\r\nHost: a\r\n\r\n"),
	};
	for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
		size_t n = strlen(texts[t]);
		struct head_scan whole = {0}, slow = {0};
		struct head_fault f1 = {0}, f2 = {0};
		limits = http_limits_default();
		enum head_result r1 = head_scan(&whole, texts[t], n, &limits, &f1), r2 = HEAD_MORE;
		for (size_t i = 1; i <= n && r2 == HEAD_MORE; i++)
			r2 = head_scan(&slow, texts[t], i, &limits, &f2);
		ck_assert_int_eq(r1, r2);
		ck_assert_int_eq(f1.status, f2.status);
		if (r1 == HEAD_END)
			ck_assert_uint_eq(whole.at, slow.at);
	}
}
END_TEST

START_TEST(the_table_of_characters_is_what_the_rfc_says)
{
	static const char token[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char path[] = "-._~!$&'()*+,;=:@%/0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	for (int i = 0; i < 256; i++) {
		char c = (char)i;
		ck_assert_int_eq(charset_has(c, CHAR_TOKEN), i && strchr(token, c) != NULL);
		ck_assert_int_eq(charset_has(c, CHAR_PATH), i && strchr(path, c) != NULL);
		ck_assert_int_eq(charset_has(c, CHAR_VALUE), i == 9 || (i >= 32 && i != 127));
		ck_assert_int_eq(charset_has(c, CHAR_QUERY), i > 32 && i < 127 && i != '#');
		ck_assert_int_eq(charset_has(c, CHAR_DIGIT), i >= '0' && i <= '9');
		ck_assert_int_eq(charset_has(c, CHAR_HEX), i && strchr("0123456789abcdefABCDEF", c) != NULL);
	}
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(a_plain_request_is_read_as_it_stands),
	UNIT(lines_end_with_cr_lf_and_nothing_else),
	UNIT(the_request_line_has_one_form),
	UNIT(a_length_has_one_reading),
	UNIT(there_is_exactly_one_host),
	UNIT(field_lines_are_clean),
	UNIT(limits_hold_to_the_byte),
	UNIT(bytes_that_come_one_by_one_read_the_same),
	UNIT(the_table_of_characters_is_what_the_rfc_says),
};
UNIT_MAIN("http/head", cases)
