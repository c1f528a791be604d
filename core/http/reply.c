/* A reply's head, and the one way out for all replies. The shapes of replies (JSON, problem, page) are in answers.c. */
#include "base/log.h"
#include "http/charset.h"
#include "http/server.h"

#include <stdlib.h>
#include <time.h>

static const struct reason {
	int status;
	const char *text;
} reasons[] = {
	{200, "OK"}, {201, "Created"}, {202, "Accepted"}, {204, "No Content"}, {206, "Partial Content"}, {301, "Moved Permanently"},
	{302, "Found"}, {303, "See Other"}, {304, "Not Modified"}, {307, "Temporary Redirect"}, {308, "Permanent Redirect"},
	{400, "Bad Request"}, {401, "Unauthorized"}, {403, "Forbidden"}, {404, "Not Found"}, {405, "Method Not Allowed"},
	{406, "Not Acceptable"}, {408, "Request Timeout"}, {409, "Conflict"}, {410, "Gone"}, {411, "Length Required"},
	{412, "Precondition Failed"}, {413, "Content Too Large"}, {414, "URI Too Long"}, {415, "Unsupported Media Type"},
	{417, "Expectation Failed"}, {422, "Unprocessable Content"}, {428, "Precondition Required"}, {429, "Too Many Requests"},
	{431, "Request Header Fields Too Large"}, {500, "Internal Server Error"}, {501, "Not Implemented"}, {502, "Bad Gateway"},
	{503, "Service Unavailable"}, {504, "Gateway Timeout"}, {505, "HTTP Version Not Supported"},
	{507, "Insufficient Storage"},
};

const char *reply_reason(int status)
{
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (reasons[i].status == status)
			return reasons[i].text;
	return "Other";
}

static const char *date_line(struct http_server *server)
{
	time_t now = time(NULL);
	struct tm utc;
	if (now != server->date_at) {
		server->date_at = now;
		gmtime_r(&now, &utc);
		strftime(server->date, sizeof server->date, "%a, %d %b %Y %H:%M:%S GMT", &utc);
	}
	return server->date;
}

static void put_number(struct buf *out, uint64_t number)
{
	char digits[20];
	size_t at = sizeof digits;
	do
		digits[--at] = (char)('0' + number % 10);
	while (number /= 10);
	buf_put(out, digits + at, sizeof digits - at);
}

struct str reply_head(struct http_server *server, int status, const struct http_header *headers, int64_t length, bool close)
{
	struct buf *out = &server->out;
	server->counters.replies[status / 100]++;
	buf_clear(out);
	buf_put(out, "HTTP/1.1 ", 9);
	put_number(out, (uint64_t)status);
	buf_putc(out, ' ');
	buf_puts(out, reply_reason(status));
	buf_puts(out, "\r\nDate: ");
	buf_puts(out, date_line(server));
	buf_puts(out, "\r\nX-Content-Type-Options: nosniff\r\n");
	if (length >= 0) {
		buf_puts(out, "Content-Length: ");
		put_number(out, (uint64_t)length);
		buf_puts(out, "\r\n");
	}
	if (close)
		buf_puts(out, "Connection: close\r\n");
	for (const struct http_header *h = headers; h && h->name; h++) {
		buf_puts(out, h->name);
		buf_put(out, ": ", 2);
		buf_put(out, h->value.p, h->value.n);
		buf_put(out, "\r\n", 2);
	}
	buf_put(out, "\r\n", 2);
	return buf_str(out);
}

/* A reply whose headers would become other headers, or another reply, must not leave the house. */
static bool is_sound(int status, const struct http_header *headers)
{
	if (status < 200 || status > 599)
		return false;
	for (const struct http_header *h = headers; h && h->name; h++)
		if (!*h->name || !charset_all(str_of(h->name), CHAR_TOKEN) || !charset_all(h->value, CHAR_VALUE))
			return false;
	return true;
}

static void reply(struct http_request *req, int status, const struct http_header *headers, struct str body, char *taken)
{
	struct conn *conn = req->conn;
	struct http_server *server = req->server;
	if (req->state == REQUEST_REPLIED) {
		log_error("http.replied_twice", log_int("status", status));
		free(taken);
		return;
	}
	request_finish(req);
	if (!conn) {
		free(taken);
		return;
	}
	if (!is_sound(status, headers)) {
		log_error("http.unsound_reply", log_int("status", status));
		status = 500, headers = NULL, body = STR("");
	}
	bool bodiless = status == 204 || status == 304;
	if (req->left)
		conn->close_after = conn->unread = true;
	conn->close_after |= server->draining;
	struct str head = reply_head(server, status, headers, bodiless ? -1 : (int64_t)body.n, conn->close_after);
	if (bodiless || req->head.method == HTTP_HEAD)
		body = (struct str){0};
	conn_send(conn, head, body, taken);
}

void http_reply(struct http_request *req, int status, const struct http_header *headers, struct str body)
{
	reply(req, status, headers, body, NULL);
}

void http_reply_take(struct http_request *req, int status, const struct http_header *headers, char *body, size_t n)
{
	reply(req, status, headers, (struct str){body, n}, body);
}
