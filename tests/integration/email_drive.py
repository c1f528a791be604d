"""Drives build/plugins/email.so by tests/plugin/drive.c: shared by the email_*_test.py programs."""
import json
import os
import pathlib
import subprocess
import sys
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))  # smtp_sink

BUILD = os.environ["NURTURE_BUILD"]
FIELDS = {"subject": "Thanks, Jane", "text": "Hello Jane\n", "html": "<p>Hello Jane</p>"}


def command(settings, data_dir, patience_ms=120000):
    return [f"{BUILD}/tests/plugin_drive", f"{BUILD}/plugins/email.so", json.dumps(settings), str(data_dir), str(patience_ms)]


def touch(touch_id, **more):
    return {"touch_id": touch_id, "fields": FIELDS, **more}


def drive(settings, data_dir, orders, patience_ms=120000):
    """Delivers the orders; returns (exit status, results in order of completion)."""
    settings = {"from": "Nurture <hello@example.com>", **settings}
    lines = "".join(json.dumps(order) + "\n" for order in orders)
    done = subprocess.run(command(settings, data_dir, patience_ms), input=lines, capture_output=True, text=True,
                          timeout=patience_ms / 1000 + 30)
    if os.environ.get("VERBOSE"):
        sys.stderr.write(done.stderr + done.stdout)
    if done.returncode not in (0, 3):
        raise RuntimeError(f"exit status {done.returncode}: {done.stdout} {done.stderr}")
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def outcomes(results):
    return {r["touch_id"]: r["outcome"] for r in results}


def check(settings):
    """What the plugin says of settings: None, or its problem."""
    done = subprocess.run(command(settings, "--check"), capture_output=True, text=True, timeout=60)
    return json.loads(done.stdout) if done.returncode == 1 else None


def run_tests(names):
    """Runs the functions that begin with test_; prints one line each; exits 1 if one fails."""
    failed = 0
    for name, case in list(names.items()):
        if not name.startswith("test_") or (sys.argv[1:] and name not in sys.argv[1:]):
            continue
        began = time.monotonic()
        try:
            case()
            print(f"ok   {name} ({time.monotonic() - began:.1f} s)", flush=True)
        except Exception:  # report and go on: every promise is looked at
            failed += 1
            traceback.print_exc()
            print("FAIL", name, flush=True)
    sys.exit(1 if failed else 0)
