#!/usr/bin/env python3
"""Checks that each class has a test. Each header in base/, actors/ and net/
that has a source file of the same name must have a test of the same name that
includes it, such as room_test.cpp for room.hpp, or a line in tests/coverage.txt
that names the tests which cover it.
"""

import re
import sys
from pathlib import Path

TABLE = "tests/coverage.txt"
ROW = re.compile(r"(\S+\.hpp):((?: +\S+)+)")
SUITE = re.compile(r"^#define CAF_SUITE +(\S+)", re.M)


def classes(root):
    """Yields the headers that have a source file of the same name."""
    for folder in ("base", "actors", "net"):
        for header in sorted(root.glob(f"{folder}/**/*.hpp")):
            if header.with_suffix(".cpp").exists():
                yield header.relative_to(root)


def has_own_test(root, header):
    line = f'#include "{header.as_posix()}"'
    return any(line in test.read_text(encoding="utf-8")
               for test in root.glob(f"tests/**/{header.stem}_test.cpp"))


def known_tests(root):
    """Returns the names of all tests as used by tests/CMakeLists.txt."""
    result = set()
    for test in root.glob("tests/**/*_test.cpp"):
        result.update(SUITE.findall(test.read_text(encoding="utf-8")))
    for folder in ("system", "browser"):
        for test in (root / "tests" / folder).glob("*_test.*"):
            result.add(f"{folder}.{test.stem.removesuffix('_test')}")
    return result


def complaints(root):
    table = {}
    for line in (root / TABLE).read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        if row := ROW.fullmatch(line):
            table[row[1]] = row[2].split()
        else:
            yield f"{TABLE}: cannot read: {line}"
    tests = known_tests(root)
    for header, names in table.items():
        for name in names:
            if name not in tests:
                yield f"{TABLE}: {header}: there is no test {name}"
    for header in classes(root):
        names = table.pop(header.as_posix(), None)
        if names is None and not has_own_test(root, header):
            yield f"{header}: no {header.stem}_test.cpp, no line in {TABLE}"
        elif names is not None and has_own_test(root, header):
            yield f"{TABLE}: {header} has a test of its own"
    for header in table:
        yield f"{TABLE}: {header} is no header with a source of its name"


def main():
    found = list(complaints(Path(__file__).resolve().parent.parent))
    for complaint in found:
        print(complaint, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
