#!/usr/bin/env python3
"""What was built is hardened (TRUST section 6): looked for in the program and the plugins themselves, and the service's unit in what
systemd says of it. Needs binutils; what systemd-analyze says only where there is one."""
import re
import shutil
import subprocess
import sys
import tempfile

from nurture import BINARY, BUILD, ENVIRONMENT, SOURCE, run_tests

PLUGINS = sorted((BUILD / "plugins").glob("*.so"))
EXPOSURE = 15  # tenths, as systemd-analyze counts: 0 = shut in, 100 = wide open


def readelf(what, path):
    return subprocess.run(["readelf", "-W", what, path], capture_output=True, text=True, check=True).stdout


def built_plain():
    cache = (BUILD / "CMakeCache.txt").read_text()
    return "NURTURE_SANITIZE:BOOL=ON" not in cache and "CMAKE_BUILD_TYPE:STRING=Debug" not in cache


def test_the_program_and_the_plugins_are_loaded_anywhere_and_closed_behind():
    assert PLUGINS
    for path in [BINARY, *PLUGINS]:
        dynamic, segments = readelf("-d", path), readelf("-l", path)
        flags = re.search(r"\(FLAGS_1\)\s+Flags: (.*)", dynamic).group(1).split()
        assert "DYN" in readelf("-h", path) and ("PIE" in flags) == (path == BINARY), (path, flags)
        assert "NOW" in flags and "GNU_RELRO" in segments, path
        assert re.search(r"GNU_STACK\s.*\sRW\s", segments), path
        assert not re.search(r"RPATH|RUNPATH|TEXTREL", dynamic), (path, dynamic)
        assert not re.search(r"LOAD\s.*\sRWE\s", segments), path


def test_overruns_are_looked_for_where_they_happen():
    for path in [BINARY, *PLUGINS]:
        wanted = readelf("--dyn-syms", path)
        assert "__stack_chk_fail" in wanted, path
        assert len(set(re.findall(r"__\w+_chk\b", wanted))) > 1, (path, re.findall(r"__\w+_chk\b", wanted))
    commands = (BUILD / "compile_commands.json").read_text()
    for line in re.findall(r'"command": "(.*)"', commands):
        assert "-D_FORTIFY_SOURCE=3" in line and "-fstack-protector-strong" in line, line


def test_a_plugin_shows_one_symbol_and_the_program_none_of_its_rooms():
    for path in PLUGINS:
        shown = re.findall(r"(?:GLOBAL|WEAK)\s+DEFAULT\s+\d+ (\w+)", readelf("--dyn-syms", path))
        assert shown == ["nurture_plugin"], (path, shown)
    shown = re.findall(r"(?:GLOBAL|WEAK)\s+DEFAULT\s+\d+ (\w+)", readelf("--dyn-syms", BINARY))
    assert not [s for s in shown if s.startswith(("store_", "turn_", "web_", "http_", "config_"))], shown


def test_the_versions_in_use_are_told():
    told = subprocess.run([BINARY, "version", "--json"], capture_output=True, text=True, check=True, env=ENVIRONMENT).stdout
    for library in ("nurture", "glibc", "libevent", "lua", "jansson", "libpq", "libsodium", "icu", "cmark"):
        assert re.search(rf'"{library}": "\d+\.\d[^"]*"', told), (library, told)


def test_the_service_is_shut_in():
    if not shutil.which("systemd-analyze"):
        print("no systemd-analyze here")
        return
    unit = SOURCE / "etc/nurture.service"
    with tempfile.TemporaryDirectory() as folder:
        copy = f"{folder}/nurture.service"
        with open(copy, "w") as out:
            out.write(unit.read_text().replace("/usr/local/bin/nurture", str(BINARY)))
        verified = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True)
        assert "nurture.service" not in verified.stderr, verified.stderr
        judged = subprocess.run(["systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE}", copy], capture_output=True, text=True)
        assert judged.returncode == 0, judged.stdout + judged.stderr
    text = unit.read_text()
    for line in ("ProtectSystem=strict", "NoNewPrivileges=true", "PrivateTmp=true", "CapabilityBoundingSet=", "SystemCallFilter=@system-service"):
        assert line in text.splitlines(), line
    assert re.search(r"^RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6$", text, re.M)


if __name__ == "__main__":
    if not shutil.which("readelf") or not built_plain():
        print("no readelf, or a build for looking for errors")
        sys.exit(77)
    run_tests(globals())
