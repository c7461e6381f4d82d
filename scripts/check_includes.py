#!/usr/bin/env python3
"""Checks that includes point one way, as docs/architecture.md draws it:

    apps -> include;  actors -> include;  net -> include, actors/transport.hpp
    net/server.cpp, net/app.cpp, net/cluster.cpp, net/runtime.cpp,
    net/upgraded.cpp -> actors;
    apps/bench/growth -> include, net/endpoint.hpp, net/scheduler.hpp,
    net/worker.hpp, actors/transport.hpp;
    tests -> any

and that libraries stay where they belong: Boost in net/,
include/troupe/beast.hpp, apps/embed and apps/bench/growth (its containers in
actors/, too), CAF's network code in net/.
"""

import re
import sys
from pathlib import Path

# Our own headers: what a file under the first path may include. The first row
# that matches a file counts; a row that ends in '/' matches a whole folder.
OURS = [
    ("include/troupe/", ["troupe/"]),
    ("actors/", ["troupe/", "actors/"]),
    ("net/wire/", ["troupe/", "net/wire/"]),
    # The composition root.
    ("net/server.cpp", ["troupe/", "net/", "actors/"]),
    ("net/app.cpp", ["troupe/", "net/", "actors/"]),
    ("net/runtime.cpp", ["troupe/", "net/", "actors/"]),
    ("net/upgraded.cpp", ["troupe/", "net/", "actors/"]),
    ("net/cluster.cpp", ["troupe/", "net/", "actors/"]),
    # The seams: what a socket and its actor, an actor and its thread, the
    # membership of a cluster and its sockets know of each other.
    ("net/", ["troupe/", "net/", "actors/transport.hpp", "actors/home.hpp",
              "actors/carrier.hpp", "actors/short_way.hpp"]),
    # A benchmark whose clients have no sockets.
    ("apps/bench/growth/", ["troupe/", "net/endpoint.hpp", "net/scheduler.hpp",
                            "net/worker.hpp", "actors/transport.hpp"]),
    # A program may have headers of its own: those named without a folder.
    ("apps/", ["troupe/"]),
]

# Where our own headers lie, as an #include names it.
FOLDERS = ["troupe/", "actors/", "net/", "apps/", "tests/"]

# Libraries: which of our files may include them. The first row that matches a
# header counts.
LIBRARIES = [
    ("boost/unordered/", ["actors/", "net/"]),
    ("boost/", ["net/", "include/troupe/beast.hpp", "apps/embed/",
                "apps/bench/growth/"]),
    ("openssl/", ["net/"]),
    ("caf/io/", ["net/"]),
]

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')


def starts_with_any(text, prefixes):
    return any(text.startswith(prefix) for prefix in prefixes)


def complaint(file, header):
    """Why `file` may not include `header`, or None if it may."""
    row = next((row for row in OURS if file.startswith(row[0])), None)
    if row is None:
        return None
    if header.startswith("."):
        return "paths start at the root of the repository or of include/"
    if starts_with_any(header, FOLDERS):
        if not starts_with_any(header, row[1]):
            return f"{row[0]} may include only {', '.join(row[1])}"
    for library, users in LIBRARIES:
        if header.startswith(library) and not starts_with_any(file, users):
            return f"{library} belongs to {', '.join(users)}"
        if header.startswith(library):
            break
    return None


def main():
    root = Path(__file__).resolve().parent.parent
    failed = False
    for folder in ["include", "actors", "net", "apps"]:
        for path in sorted((root / folder).rglob("*.[ch]pp")):
            file = path.relative_to(root).as_posix()
            for number, line in enumerate(path.read_text().splitlines(), 1):
                match = INCLUDE.match(line)
                why = match and complaint(file, match[1])
                if why:
                    print(f"{file}:{number}: {match[1]}: {why}",
                          file=sys.stderr)
                    failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
