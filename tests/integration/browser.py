"""A headless Chromium that a test drives as a person does: opens a page, types, presses keys, reads what stands there.

    with Chromium() as page:          # Chromium.there() says whether one is installed
        page.open("http://127.0.0.1:8080/login")
        page.type("ann"), page.key("Tab"), page.type("secret"), page.key("Enter")
        page.until("location.pathname == '/home'")

It speaks the DevTools protocol over two pipes (JSON, ended by NUL): no port, nothing but the standard library."""
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

KEYS = {"Enter": (13, "\r"), "Tab": (9, "\t"), "Escape": (27, ""), "ArrowDown": (40, ""), "ArrowUp": (38, ""), "ArrowRight": (39, ""), "ArrowLeft": (37, ""),
        " ": (32, " "), "F2": (113, ""), "F4": (115, ""), "F8": (119, "")}
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions", "--disable-component-update",
         "--disable-background-networking", "--remote-debugging-pipe"]
PATIENCE = 120


class Chromium:
    @staticmethod
    def there():
        return shutil.which("chromium")

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="nurture-chromium-")
        read_there, self.write = os.pipe()
        self.read, write_there = os.pipe()
        # bash, as a sh may know descriptors of one digit only
        self.process = subprocess.Popen(["bash", "-c", f'exec "$0" "$@" 3<&{read_there} 4>&{write_there}', self.there(), *FLAGS,
                                         f"--user-data-dir={self.folder.name}", "about:blank"], pass_fds=(read_there, write_there),
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(read_there), os.close(write_there)
        self.rest, self.number, self.session, self.said = b"", 0, None, []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for room in ("Page", "Runtime", "Log"):
            self.ask(f"{room}.enable")
        return self

    def __exit__(self, *_):
        os.close(self.write), os.close(self.read)  # its end of the pipe: it goes by itself
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for _ in range(50):  # its children write a little longer
            try:
                self.folder.cleanup()
                return
            except OSError:
                time.sleep(0.1)

    # -- the protocol --
    def message(self, end):
        while b"\0" not in self.rest:
            left = end - time.monotonic()
            assert left > 0 and select.select([self.read], [], [], left)[0], "Chromium says nothing"
            data = os.read(self.read, 1 << 20)
            assert data, "Chromium ended"
            self.rest += data
        one, self.rest = self.rest.split(b"\0", 1)
        return json.loads(one)

    def ask(self, method, **params):
        self.number += 1
        asked = {"id": self.number, "method": method, "params": params} | ({"sessionId": self.session} if self.session else {})
        os.write(self.write, json.dumps(asked).encode() + b"\0")
        end = time.monotonic() + PATIENCE
        while (message := self.message(end)).get("id") != self.number:
            self.note(message)
        assert "error" not in message, (method, message)
        return message["result"]

    def note(self, message):
        """What the page says: errors of its scripts, what its policy forbade."""
        params = message.get("params", {})
        if message.get("method") == "Log.entryAdded":
            self.said.append(params["entry"]["text"])
        elif message.get("method") == "Runtime.exceptionThrown":
            self.said.append(params["exceptionDetails"].get("exception", {}).get("description") or params["exceptionDetails"]["text"])

    # -- what a person does --
    def open(self, address):
        answer = self.ask("Page.navigate", url=address)
        self.until("document.readyState == 'complete'")
        return answer.get("errorText")

    def js(self, expression):
        """The value of an expression in the page, a promise's too."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, (expression, answer)
        return answer["result"].get("value")

    def until(self, expression, what=None):
        """Waits until it is true in the page, whichever that is by then."""
        end = time.monotonic() + PATIENCE
        while True:
            answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
            value = answer["result"].get("value") if "exceptionDetails" not in answer else None
            if value:
                return value
            assert time.monotonic() < end, (what or expression, self.text(), self.said)
            time.sleep(0.05)

    def text(self):
        return self.js("document.body ? document.body.innerText : ''")

    def type(self, text):
        self.ask("Input.insertText", text=text)

    def key(self, name, modifiers=0):
        """Presses a key: one of KEYS, or a letter. modifiers: 1 Alt, 2 Ctrl, 8 Shift."""
        code, text = KEYS.get(name, (ord(name.upper()[0]), name))
        press = {"key": name, "windowsVirtualKeyCode": code, "modifiers": modifiers}
        self.ask("Input.dispatchKeyEvent", type="keyDown" if text and not modifiers & 3 else "rawKeyDown", **press, **({"text": text} if text and not modifiers & 3 else {}))
        self.ask("Input.dispatchKeyEvent", type="keyUp", **press)
