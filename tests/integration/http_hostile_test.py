#!/usr/bin/python3
"""Ambiguous and hostile requests over a raw socket (TRUST 24, 25, 27). For each: what status the first reply has, how many requests
reached the handler, and that the connection is closed where it must be. Whatever follows an ambiguous request is never dispatched."""
import socket
import sys

from http_raw import Server, read_all, replies, run

H = b"Host: a\r\n"
NEXT = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"


def get(fields, line=b"GET / HTTP/1.1"):
    return line + b"\r\n" + fields + b"\r\n"


def post(fields, body=b""):
    return b"POST / HTTP/1.1\r\n" + H + fields + b"\r\n" + body


# name, bytes, expected status, requests dispatched. NEXT is sent behind each; none of these may let it in.
REFUSED = [
    ("CL.TE", post(b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"), 400),
    ("TE.CL", post(b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", b"5c\r\n"), 400),
    ("TE alone", post(b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n"), 501),
    ("TE identity", post(b"Transfer-Encoding: identity\r\n"), 501),
    ("TE empty", post(b"Transfer-Encoding:\r\n"), 501),
    ("TE twice", post(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", b"0\r\n\r\n"), 501),
    ("TE xchunked with CL", post(b"Transfer-Encoding: xchunked\r\nContent-Length: 0\r\n"), 400),
    ("TE with vertical tab", post(b"Transfer-Encoding: \x0bchunked\r\n"), 400),
    ("TE, space before the colon", post(b"Transfer-Encoding : chunked\r\n"), 400),
    ("TE, tab before the colon", post(b"Transfer-Encoding\t: chunked\r\n"), 400),
    ("TE on a folded line", post(b"X: y\r\n Transfer-Encoding: chunked\r\n"), 400),
    ("TE behind a bare LF", post(b"X: y\nTransfer-Encoding: chunked\r\n"), 400),
    ("TE behind a bare CR", post(b"X: y\rTransfer-Encoding: chunked\r\n"), 400),
    ("TE folded after its colon", post(b"Transfer-Encoding:\r\n chunked\r\n"), 400),
    ("TE in HTTP/1.0", b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("TE on GET", get(H + b"Transfer-Encoding: chunked\r\n") + b"0\r\n\r\n", 501),
    ("CL twice, equal", post(b"Content-Length: 5\r\nContent-Length: 5\r\n", b"hello"), 400),
    ("CL twice, different", post(b"Content-Length: 0\r\nContent-Length: 5\r\n", b"hello"), 400),
    ("CL as a list", post(b"Content-Length: 5, 5\r\n", b"hello"), 400),
    ("CL with a plus", post(b"Content-Length: +5\r\n", b"hello"), 400),
    ("CL negative", post(b"Content-Length: -1\r\n"), 400),
    ("CL hexadecimal", post(b"Content-Length: 0x5\r\n", b"hello"), 400),
    ("CL with a leading zero", post(b"Content-Length: 010\r\n", b"hellohello"), 400),
    ("CL with an underscore", post(b"Content-Length: 1_0\r\n", b"hellohello"), 400),
    ("CL with a fraction", post(b"Content-Length: 5.0\r\n", b"hello"), 400),
    ("CL empty", post(b"Content-Length:\r\n"), 400),
    ("CL with a NUL", post(b"Content-Length: 5\0\r\n", b"hello"), 400),
    ("CL in another alphabet", post("Content-Length: \u0665\r\n".encode(), b"hello"), 400),
    ("CL beyond 64 bits", post(b"Content-Length: 18446744073709551621\r\n", b"hello"), 413),
    ("CL beyond the limit", post(b"Content-Length: 1048577\r\n"), 413),
    ("CL, space before the colon", post(b"Content-Length : 5\r\n", b"hello"), 400),
    ("CL in mixed case twice", post(b"content-length: 5\r\nCONTENT-LENGTH: 6\r\n", b"hello"), 400),
    ("CL on GET", get(H + b"Content-Length: 5\r\n") + b"hello", 400),
    ("CL on HEAD", b"HEAD / HTTP/1.1\r\n" + H + b"Content-Length: 5\r\n\r\nhello", 400),
    ("CL missing in HTTP/1.0", b"POST / HTTP/1.0\r\n\r\nhello", 400),
    ("folded header", get(H + b"X: a\r\n b\r\n"), 400),
    ("first header folded", get(b" " + H), 400),
    ("bare LF ends a header", get(b"Host: a\n"), 400),
    ("bare LF everywhere", b"GET / HTTP/1.1\nHost: a\n\n", 400),
    ("bare CR ends a header", get(b"Host: a\rX: b\r\n"), 400),
    ("CR CR LF", get(b"Host: a\r\r\n"), 400),
    ("bare LF ends the head", b"GET / HTTP/1.1\r\nHost: a\r\n\n", 400),
    ("NUL in a value", get(H + b"X: a\0b\r\n"), 400),
    ("ESC in a value", get(H + b"X: \x1b[2J\r\n"), 400),
    ("DEL in a value", get(H + b"X: \x7f\r\n"), 400),
    ("NUL in a name", get(H + b"X\0: a\r\n"), 400),
    ("a name beyond ASCII", get(H + b"X\xff: a\r\n"), 400),
    ("no name", get(H + b": a\r\n"), 400),
    ("no colon", get(H + b"just text\r\n"), 400),
    ("a space in a name", get(H + b"X Y: a\r\n"), 400),
    ("no Host", get(b""), 400),
    ("two Hosts", get(H + b"Host: b\r\n"), 400),
    ("two equal Hosts", get(H + H), 400),
    ("empty Host", get(b"Host:\r\n"), 400),
    ("Host with a path", get(b"Host: a/b\r\n"), 400),
    ("Host with user", get(b"Host: a@b\r\n"), 400),
    ("Host with two ports", get(b"Host: a:1:2\r\n"), 400),
    ("two Authorizations", get(H + b"Authorization: Bearer a\r\nAuthorization: Bearer b\r\n"), 400),
    ("absolute target", get(H, b"GET http://a/ HTTP/1.1"), 400),
    ("absolute target of another host", get(H, b"GET http://evil/ HTTP/1.1"), 400),
    ("asterisk", get(H, b"OPTIONS * HTTP/1.1"), 400),
    ("authority", get(H, b"CONNECT a:443 HTTP/1.1"), 501),
    ("relative target", get(H, b"GET a HTTP/1.1"), 400),
    ("no target", get(H, b"GET HTTP/1.1"), 400),
    ("two spaces", get(H, b"GET  / HTTP/1.1"), 400),
    ("a tab for a space", get(H, b"GET\t/ HTTP/1.1"), 400),
    ("space before the method", get(H, b" GET / HTTP/1.1"), 400),
    ("space after the version", get(H, b"GET / HTTP/1.1 "), 400),
    ("a space in the target", get(H, b"GET /a b HTTP/1.1"), 400),
    ("HTTP/0.9", b"GET /\r\n\r\n", 400),
    ("HTTP/1.2", get(H, b"GET / HTTP/1.2"), 505),
    ("HTTP/2.0", get(H, b"GET / HTTP/2.0"), 505),
    ("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    ("HTTP/1.10", get(H, b"GET / HTTP/1.10"), 400),
    ("small http", get(H, b"GET / http/1.1"), 400),
    ("small method", get(H, b"get / HTTP/1.1"), 501),
    ("TRACE", get(H, b"TRACE / HTTP/1.1"), 501),
    ("method with a parenthesis", get(H, b"G(T / HTTP/1.1"), 400),
    ("a TLS hello", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    ("two empty lines before", b"\r\n\r\n" + get(H), 400),
    ("gzip", post(b"Content-Encoding: gzip\r\nContent-Length: 5\r\n", b"\x1f\x8b\x08\0\0"), 415),
    ("gzip twice", post(b"Content-Encoding: gzip, gzip\r\nContent-Length: 5\r\n", b"\x1f\x8b\x08\0\0"), 415),
    ("gzip behind identity", post(b"Content-Encoding: identity\r\nContent-Encoding: br\r\nContent-Length: 5\r\n", b"hello"), 415),
    ("a coding in capitals", post(b"CONTENT-ENCODING: X-GZIP\r\nContent-Length: 5\r\n", b"hello"), 415),
    ("gzip as a transfer coding", post(b"Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n"), 501),
    ("a length in a trailer's place", post(b"Trailer: Content-Length\r\nTransfer-Encoding: chunked\r\n", b"0\r\nContent-Length: 5\r\n\r\n"), 501),
    ("expectation unknown", post(b"Expect: 200-maybe\r\nContent-Length: 5\r\n", b"hello"), 417),
    ("//", get(H, b"GET //evil.example/ HTTP/1.1"), 400),
    ("..", get(H, b"GET /a/../b HTTP/1.1"), 400),
    ("%2e%2e", get(H, b"GET /a/%2e%2e/b HTTP/1.1"), 400),
    ("%2f", get(H, b"GET /a%2fb HTTP/1.1"), 400),
    ("%5c", get(H, b"GET /a%5cb HTTP/1.1"), 400),
    ("%00", get(H, b"GET /a%00 HTTP/1.1"), 400),
    ("%0d%0a", get(H, b"GET /a%0d%0aX HTTP/1.1"), 400),
    ("% and nothing", get(H, b"GET /a% HTTP/1.1"), 400),
    ("overlong UTF-8", get(H, b"GET /%c0%af HTTP/1.1"), 400),
    ("bytes above 127 in the path", get(H, b"GET /\xc3\xbc HTTP/1.1"), 400),
    ("a fragment", get(H, b"GET /a#b HTTP/1.1"), 400),
    ("NUL in the query", get(H, b"GET /?a=%00 HTTP/1.1"), 400),
    ("request line of 9 KB", get(H, b"GET /" + b"a" * 9000 + b" HTTP/1.1"), 414),
    ("request line without end", b"GET /" + b"a" * 100000, 414),
    ("header line of 9 KB", get(H + b"X: " + b"a" * 9000 + b"\r\n"), 431),
    ("header line without end", b"GET / HTTP/1.1\r\nX: " + b"a" * 100000, 431),
    ("17 KB of headers", get(H + b"".join(b"X-%d: %s\r\n" % (i, b"a" * 500) for i in range(34))), 431),
    ("101 headers", get(H + b"".join(b"X-%d: 1\r\n" % i for i in range(100))), 431),
    ("20,000 headers", get(H + b"".join(b"X-%d: 1\r\n" % i for i in range(20000))), 431),
]

# What may look odd and is plain: the reply's status, and how many requests are dispatched with NEXT behind it.
ANSWERED = [
    ("plain", get(H), 200, 2),
    ("CL 0 on GET closes", get(H + b"Content-Length: 0\r\n"), 200, 1),
    ("close is obeyed", get(H + b"Connection: close\r\n"), 200, 1),
    ("close among others", get(H + b"Connection: x, CLOSE\r\n"), 200, 1),
    ("HTTP/1.0 closes", b"GET / HTTP/1.0\r\n\r\n", 200, 1),
    ("HTTP/1.0 with keep-alive closes", b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200, 1),
    ("one empty line before", b"\r\n" + get(H), 200, 2),
    ("a body that looks like a request", post(b"Content-Length: %d\r\n" % len(NEXT), NEXT), 200, 2),
    ("POST without a body", post(b""), 200, 2),
    ("identity is no coding", post(b"Content-Encoding: identity\r\nContent-Length: 5\r\n", b"hello"), 200, 2),
    ("what is not asked for may be packed", get(H + b"Accept-Encoding: gzip, br\r\n"), 200, 2),
    ("DELETE with a body", b"DELETE / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", 200, 2),
    ("upgrade is not followed", get(H + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n"), 200, 2),
    ("100 headers", get(H + b"".join(b"X-%d: 1\r\n" % i for i in range(99))), 200, 2),
    ("refused by begin", b"POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", 401, 0),
]

server = None


def talk(data, pieces=False):
    with server.connect() as s:
        try:
            if pieces:
                for i in range(len(data)):
                    s.sendall(data[i:i + 1])
            else:
                s.sendall(data)
            s.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError, OSError):
            pass
        return replies(read_all(s))


def check_table(table, pieces=False):
    wrong = []
    for name, data, status, dispatched in table:
        before = server.stats()["handled"]
        got = talk(data + NEXT, pieces)
        after = server.stats()["handled"]
        last_closes = got and (dispatched == 2 or got[-1].headers.get("connection") == "close")
        if not got or got[0].status != status or after - before != dispatched or len(got) != max(dispatched, 1) or not last_closes:
            wrong.append("%s: %s, %d dispatched" % (name, [r.status for r in got], after - before))
    assert not wrong, "\n".join(wrong)


def nothing_ambiguous_is_dispatched():
    check_table([(name, data, status, 0) for name, data, status in REFUSED])


def the_same_byte_by_byte():
    small = [(name, data, status, 0) for name, data, status in REFUSED if len(data) < 300]
    check_table(small + [row for row in ANSWERED if len(row[1]) < 300], pieces=True)


def what_is_plain_is_answered():
    check_table(ANSWERED)


def refusals_say_why_as_problem_json():
    reply = talk(get(b""))[0]
    assert reply.headers["content-type"] == "application/problem+json", reply.headers
    assert b'"status":400' in reply.body and b"Host" in reply.body, reply.body


if __name__ == "__main__":
    assert len(REFUSED) >= 41
    with Server() as server:
        run([nothing_ambiguous_is_dispatched, the_same_byte_by_byte, what_is_plain_is_answered, refusals_say_why_as_problem_json])
