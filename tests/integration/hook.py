"""A web server that takes what the webhook plugin posts, and says what it is told to. It keeps every request before it answers."""
import contextlib
import hashlib
import hmac
import json
import socket
import threading

SECRET = "sixteen characters at least"


def sign(body, stamp):
    """The value of Nurture-Signature."""
    return f"t={stamp},v1=" + hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()


class Drop(Exception):
    """Closes the connection without an answer."""


class Hook:
    """`rule(touch)` gives (status, headers, body), raises Drop, or waits. `requests` are (touch, headers)."""

    def __init__(self, rule=lambda touch: (200, {}, "")):
        self.rule = rule
        self.lock = threading.Lock()
        self.requests, self.problems = [], []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection, contextlib.suppress(OSError, Drop):
            file = connection.makefile("rb")
            first = file.readline().decode()
            headers = {}
            while (line := file.readline().decode().strip()):
                name, value = line.split(":", 1)
                headers[name.lower()] = value.strip()
            if not first:
                return
            body = file.read(int(headers.get("content-length", "0")))
            if len(body) != int(headers.get("content-length", "0")):
                return  # its process was killed: nothing was received
            touch = self.judge(first, headers, body)
            with self.lock:
                self.requests.append((touch, headers))
            status, more, text = self.rule(touch)
            lines = "".join(f"{name}: {value}\r\n" for name, value in more.items())
            connection.sendall(f"HTTP/1.1 {status} X\r\nContent-Length: {len(text)}\r\n{lines}\r\n{text}".encode())

    def judge(self, first, headers, body):
        """What must hold of every request."""
        stamp, _, signature = headers.get("nurture-signature", "").partition(",v1=")
        wanted = hmac.new(SECRET.encode(), stamp[2:].encode() + b"." + body, hashlib.sha256).hexdigest()
        touch = json.loads(body)
        if not stamp.startswith("t=") or not hmac.compare_digest(signature, wanted):
            self.problems.append(f"a wrong signature: {headers.get('nurture-signature')}")
        if not first.startswith("POST /hook HTTP/1.1"):
            self.problems.append(first)
        if headers.get("idempotency-key") != str(touch["touch_id"]):
            self.problems.append(f"touch {touch['touch_id']} has the key {headers.get('idempotency-key')}")
        return touch

    def addresses(self):
        with self.lock:
            return [touch["address"] for touch, _ in self.requests]
