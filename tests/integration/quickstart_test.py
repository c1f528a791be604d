#!/usr/bin/env python3
"""etc/quickstart.sh: up, every command works exactly as printed, Ctrl-C stops everything, started again it keeps its data."""
import os
import pathlib
import pwd
import re
import signal
import subprocess
import sys
import tempfile
import time

from nurture import BUILD, SOURCE, free_port, run_tests, until


def printed_commands(text):
    """The commands of the closing words: lines that are indented, without the comments, continued lines joined."""
    tail = text[text.index("In another terminal"):]
    joined = re.sub(r" \\\n\s*", " ", tail)
    return [line.strip() for line in joined.splitlines() if line.startswith("  ") and not line.strip().startswith("#")]


def begin(conf, out):
    return subprocess.Popen([SOURCE / "etc/quickstart.sh", "--config", conf, "--time-scale", "1"], stdout=out, stderr=out, stdin=subprocess.DEVNULL,
                            start_new_session=True, env={"PATH": os.environ["PATH"], "NURTURE_BUILD": str(BUILD), "HOME": "/root"}, cwd="/")


def ended_by_ctrl_c(process):
    os.killpg(process.pid, signal.SIGINT)  # what a terminal does
    return process.wait(200)


def processes_of(data):
    found = subprocess.run(["pgrep", "-f", str(data)], capture_output=True, text=True).stdout.split()
    return [pid for pid in found if int(pid) != os.getpid()]


def run(commands):
    """As somebody types them."""
    return subprocess.run(["sh", "-c", "set -e\n" + "\n".join(commands)], capture_output=True, text=True, timeout=120, cwd="/")


def test_it_runs_prints_commands_that_work_stops_and_keeps_its_data():
    with tempfile.TemporaryDirectory(prefix="nurture-quick-") as folder:
        os.chmod(folder, 0o755)
        folder = pathlib.Path(folder)
        data = folder / "data"
        conf = folder / "nurture.conf"
        conf.write_text(f'listen = "127.0.0.1:{free_port()}"\ndata_dir = "{data}"\nplaybook = "{SOURCE}/scripts"\npostal_address = "1 Test St"\n'
                        'channel "email" { plugin = "email", relay = "maildir:outbox", from = "Test <test@example.com>" }\n')
        log = folder / "log"
        with open(log, "wb") as out:
            process = begin(conf, out)
        try:
            until(lambda: "Ctrl-C stops everything" in log.read_text() or process.poll() is not None, 300, "the closing words")
            assert process.poll() is None, log.read_text()[-3000:]
            commands = printed_commands(log.read_text())
            assert len(commands) == 7, commands
            done = run(commands[:3])
            assert done.returncode == 0 and '"email":"grace@example.net"' in done.stdout, done
            parts = ("read a white paper", "thirty-day-nurture", "runs (process", "List-Unsubscribe", "1 Test St", "leads      9")
            until(lambda: (done := run(commands[3:])).returncode == 0 and all(part in done.stdout for part in parts), what=f"{parts} in the answers")
            assert ended_by_ctrl_c(process) == 0, log.read_text()[-3000:]
            until(lambda: not processes_of(data), 20, "the end of all processes")
            with open(log, "wb") as out:
                started = time.monotonic()
                process = begin(conf, out)
            until(lambda: "Ctrl-C stops everything" in log.read_text() or process.poll() is not None, 300, "the second start")
            assert process.poll() is None, log.read_text()[-3000:]
            assert "imported" not in log.read_text() and "new leads" not in log.read_text()
            print(f"second start: {time.monotonic() - started:.1f} s")
            done = run(commands[3:4])
            assert "read a white paper" in done.stdout, done
            os.kill(int((data / "run/serve.lock").read_text().split()[0]), signal.SIGKILL)
            assert process.wait(60) == 128 + signal.SIGKILL
            assert "killed (signal 9)" in log.read_text()
            with open(log, "wb") as out:
                process = begin(conf, out)
            until(lambda: "Ctrl-C stops everything" in log.read_text() or process.poll() is not None, 300, "the start after that")
            assert ended_by_ctrl_c(process) == 0, log.read_text()[-3000:]
            until(lambda: not processes_of(data), 20, "the end of all processes")
        except BaseException:
            print(log.read_text()[-4000:], file=sys.stderr)
            raise
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(200)


def test_its_options_are_checked():
    for args, part in ((["--nonsense"], "does not know --nonsense"), (["--time-scale"], "needs a number")):
        done = subprocess.run([SOURCE / "etc/quickstart.sh", *args], capture_output=True, text=True, timeout=60)
        assert done.returncode == 2 and part in done.stderr, done


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("quickstart is tested as root only")
        sys.exit(77)
    try:
        pwd.getpwnam("nurture")
    except KeyError:
        print("there is no user nurture (etc/test.sh makes it)")
        sys.exit(77)
    run_tests(globals())
