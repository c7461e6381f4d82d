#!/usr/bin/env python3
"""Checks the includes of each folder; docs/architecture.md describes the
layers.

A folder may include itself and the folders in its row. Some libraries may be
used in certain folders only.
"""

import re
import sys
from pathlib import Path

PUBLIC = "include/troupe"

# Folders, lowest layer first, each with the other folders it may include.
LAYERS = {
    "include/troupe": [],
    "base": [PUBLIC],
    # Interfaces between actors on one side and threads, sockets and nodes on
    # the other.
    "actors/seams": [PUBLIC],
    "actors": [PUBLIC, "base", "actors/seams"],
    "actors/cluster": [PUBLIC, "base", "actors/seams", "actors"],
    "actors/client": [PUBLIC, "base", "actors/seams", "actors"],
    "net/wire": [PUBLIC, "base"],
    "net/runtime": [PUBLIC, "base", "actors/seams"],
    "net/io": [PUBLIC, "base", "net/runtime"],
    "net/ws": [PUBLIC, "base", "actors/seams", "net/wire", "net/runtime",
               "net/io"],
    "net/http": [PUBLIC, "base", "actors/seams", "net/wire", "net/runtime",
                 "net/io", "net/ws"],
    "net/basp": [PUBLIC, "base", "actors/seams", "net/runtime"],
    "net/metrics": [PUBLIC, "base", "actors/seams", "net/runtime"],
    "net/ws_client": [PUBLIC, "base", "actors/seams", "net/runtime"],
    # The composition root.
    "net": [PUBLIC, "base", "actors", "actors/cluster", "actors/client",
            "net/runtime", "net/ws", "net/http", "net/basp", "net/metrics",
            "net/ws_client"],
    # A benchmark whose clients implement lower_layer instead of using sockets.
    "apps/bench/growth": [PUBLIC, "actors/seams", "net/runtime", "net/http"],
    # Programs include public headers, as users do, and their own headers.
    "apps": [PUBLIC],
}

# Libraries, each with the folders and files that may include it. The first row
# that matches a header applies.
LIBRARIES = [
    ("boost/unordered/", ["actors", "net"]),
    ("boost/asio/ip/address.hpp", ["base", "net"]),
    ("boost/", ["net", "include/troupe/beast.hpp", "apps/embed",
                "apps/examples/beast.cpp", "apps/bench/growth"]),
    ("openssl/", ["net", "apps/bench/stream.cpp"]),
    ("prometheus/", ["net/metrics"]),
    ("caf/io/", ["net"]),
]

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')


def is_in(path, folder):
    return path == folder or path.startswith(folder + "/")


def layer_of(file):
    """Returns the innermost folder of `file` that has a row."""
    return next((str(folder) for folder in Path(file).parents
                 if str(folder) in LAYERS), None)


def folder_of(header):
    """Returns the folder of `header` as named by an #include; None for
    libraries."""
    folder = str(Path(header).parent)
    if folder == "troupe":
        return PUBLIC
    ours = {layer.split("/")[0] for layer in LAYERS} | {"tests"}
    return folder if folder.split("/")[0] in ours else None


def complaint(file, header):
    """Returns why `file` may not include `header`, or None if it may."""
    layer = layer_of(file)
    if header.startswith("."):
        return "paths start at the root of the repository or of include/"
    folder = folder_of(header)
    if folder and folder != layer and folder not in LAYERS[layer]:
        return f"{layer} may include only {', '.join(LAYERS[layer]) or 'itself'}"
    for library, users in LIBRARIES:
        if header.startswith(library):
            if not any(is_in(file, user) for user in users):
                return f"{library} belongs to {', '.join(users)}"
            break
    return None


def main():
    root = Path(__file__).resolve().parent.parent
    failed = False
    for folder in ["include", "base", "actors", "net", "apps"]:
        for path in sorted((root / folder).rglob("*.[ch]pp")):
            file = path.relative_to(root).as_posix()
            lines = path.read_text().splitlines()
            if path.suffix == ".hpp" and "#pragma once" not in lines:
                print(f"{file}: no #pragma once", file=sys.stderr)
                failed = True
            for number, line in enumerate(lines, 1):
                match = INCLUDE.match(line)
                why = match and complaint(file, match[1])
                if why:
                    print(f"{file}:{number}: {match[1]}: {why}",
                          file=sys.stderr)
                    failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
