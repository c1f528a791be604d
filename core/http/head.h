/* The head of a request: finding its end, and reading it. Pure: bytes in, a struct out; no sockets, no allocation, no clock.
 *
 *   head_scan   again and again as bytes arrive, until HEAD_END: looks at each byte once, enforces the limits
 *   head_parse  once, over the complete head
 *
 * What always holds after HEAD_END from head_parse: exactly one reading of the length exists. */
#ifndef NURTURE_HTTP_HEAD_H
#define NURTURE_HTTP_HEAD_H

#include "http/http.h"

enum { HEAD_FIELDS = 128 }; /* http_limits.fields is at most this */

enum head_result { HEAD_MORE, HEAD_END, HEAD_BAD };

struct head_scan {
	uint32_t at;     /* first byte not looked at yet; at HEAD_END the length of the head */
	uint32_t line;   /* where the line at hand begins */
	uint32_t start;  /* where the request line begins: 2 after one empty line that was skipped, else 0 */
	uint32_t fields; /* where the header lines begin; 0 = not there yet */
	uint16_t lines;  /* complete lines, the request line among them */
};

struct head_fault {
	int status;      /* 400, 414, 415, 417, 431, 501, 505 */
	const char *why; /* for the one who asks; never contains what they sent */
};

struct head_field {
	struct str name;
	struct str value; /* without the white space around it */
};

struct head {
	enum http_method method;
	struct str target; /* begins with "/" */
	int minor;         /* HTTP/1.0 or 1.1 */
	struct head_field fields[HEAD_FIELDS];
	unsigned count;
	struct str host;   /* p is NULL in HTTP/1.0 without one */
	struct str content_type;
	uint64_t length;   /* of the body */
	bool has_length;
	bool close;        /* the connection must not be used after this request */
	bool expects_continue;
	bool gzip;         /* the body is packed */
};

/* bytes is everything since the start of the request, the same bytes as before and more after them. */
enum head_result head_scan(struct head_scan *scan, const char *bytes, size_t n, const struct http_limits *limits,
			   struct head_fault *fault);
/* bytes is the head without a skipped empty line, to its last CRLF CRLF. HEAD_END or HEAD_BAD; the slices of head point into bytes. */
enum head_result head_parse(struct head *head, const char *bytes, size_t n, struct head_fault *fault);
struct str head_find(const struct head *head, struct str name); /* any case; p NULL = none */

#endif
