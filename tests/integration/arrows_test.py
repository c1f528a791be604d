#!/usr/bin/env python3
"""The arrows of DESIGN section 4: no room includes a header of a room that it may not use, plugins see only include/ and
themselves, and CMake says the same as core/README.md. And `turn` and `playbook` are pure."""
import os
import pathlib
import re
import sys

SOURCE = pathlib.Path(os.environ.get("NURTURE_SOURCE", pathlib.Path(__file__).parents[2]))

ARROWS = {
    "base": "",
    "model": "base",
    "playbook": "model base",
    "http": "base",
    "store": "model base",
    "turn": "model playbook base",
    "channel": "playbook model base",
    "report": "store model base",
    "web": "http report store turn playbook model base",
    "engine": "store turn playbook model base",
    "delivery": "store turn channel playbook model base",
    "jobs": "store turn playbook report model base",
    "server": "web engine delivery jobs channel store base",
    "cli": "server web jobs report store turn channel playbook model base",
}
# What the pure rooms must not reach, whatever they include.
IMPURE = re.compile(r'#include <(?:libpq-fe|event2/|sys/socket|sys/stat|fcntl|unistd|dirent|curl/)|'
                    r'\b(?:clock_gettime|gettimeofday|fopen|open|socket|mono_now|real_now|time)\s*\(')
PURE = {"turn", "playbook"}

problems = []


def includes(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        found = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if found:
            yield number, found.group(1)


def check_room(room, allowed):
    for path in sorted((SOURCE / "core" / room).glob("*.[ch]")):
        for number, name in includes(path):
            target = name.split("/")[0]
            if name.endswith(".sql.h") or target == room or target == "nurture" and room == "channel":
                continue
            if target not in allowed:
                problems.append(f"{path.relative_to(SOURCE)}:{number}: room {room} may not include {name}")
        if room in PURE:
            code = re.sub(r'/\*.*?\*/|"(?:\\.|[^"\\])*"', " ", path.read_text(), flags=re.S)
            for found in IMPURE.finditer(code):
                problems.append(f"{path.relative_to(SOURCE)}: room {room} is pure, but says {found.group(0).strip()}")


def check_cmake():
    text = (SOURCE / "core/CMakeLists.txt").read_text()
    for room, rooms in re.findall(r"nurture_room\((\w+)(?: ROOMS ([\w ]+?))?(?: LIBS [^)]*)?\)", text):
        extra = set((rooms or "").split()) - set(ARROWS[room].split())
        if extra:
            problems.append(f"core/CMakeLists.txt: {room} links {', '.join(sorted(extra))}, which the arrows do not allow")


def check_plugins():
    for path in sorted((SOURCE / "plugins").glob("*/*.[ch]")):
        for number, name in includes(path):
            if name.startswith("nurture/") or (path.parent / name).exists() or (path.parent / name.removesuffix(".h")).exists():  # page.html.h is made of page.html
                continue
            problems.append(f"{path.relative_to(SOURCE)}:{number}: a plugin may not include {name}")
    for path in sorted((SOURCE / "include/nurture").glob("*.h")):
        for number, name in includes(path):
            problems.append(f"{path.relative_to(SOURCE)}:{number}: a public header includes {name}")


rooms = {p.name for p in (SOURCE / "core").iterdir() if p.is_dir()}
problems += [f"core/{room}: not in the picture" for room in sorted(rooms - set(ARROWS))]
for room, allowed in ARROWS.items():
    check_room(room, set(allowed.split()))
check_cmake()
check_plugins()
print("\n".join(problems) or f"{len(rooms)} rooms, all arrows point down")
sys.exit(1 if problems else 0)
