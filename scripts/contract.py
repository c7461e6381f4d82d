#!/usr/bin/env python3
"""Lists the items of the compatibility contract, each with the public headers
that document it and the tests that name it. Fails if an item lacks either, and
if docs/contract.md does not have one row for it that names the same tests.

Items are named as `C24`: in a header's comment; in the name of a CAF_TEST or of
a JavaScript test; after a Python test's `def` or in its docstring; as the
`item` of a test vector of version 1.
"""

import json
import re
import sys
from collections import defaultdict
from pathlib import Path

ITEMS = range(1, 65)
ITEM = re.compile(r"\bC(\d{1,2})\b")

CAF_TEST = re.compile(r"CAF_TEST(?:_DISABLED)?\(([^)]*)\)")
JS_TEST = re.compile(r"\b(?:test|it|check|scene)\(\s*(['\"`])(.*?)\1", re.S)
PY_TEST = re.compile(r"def (test_\w+)\([^)]*\)(?: -> None)?:([^\n]*)\n"
                     r"(?:\s*\"\"\"(.*?)\"\"\")?", re.S)

SUITE = re.compile(r"^#define CAF_SUITE +(\S+)", re.M)
# Matches the first and the last cell of a row of docs/contract.md.
ROW = re.compile(r"^\| C(\d+) \|.*\|([^|]*)\|$", re.M)


def suite_of(file):
    """Returns the name that CTest uses for the tests in a file."""
    if file.suffix == ".cpp":
        return SUITE.search(file.read_text(encoding="utf-8"))[1]
    if file.suffix == ".json":
        return f"wire.{file.stem.removeprefix('wire_')}"
    return f"{file.parent.name}.{file.stem.removesuffix('_test')}"


def tests_in(file):
    """Returns pairs of a test's name and the text that names items."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".cpp":
        return [(name, name) for name in CAF_TEST.findall(text)]
    if file.suffix == ".mjs":
        return [(name, name) for _, name in JS_TEST.findall(text)]
    if file.suffix == ".py":
        return [(name, f"{rest} {doc}")
                for name, rest, doc in PY_TEST.findall(text)]
    return [(vector["name"], vector["item"]) for vector in json.loads(text)]


def test_files(root):
    for pattern in ("*_test.cpp", "*_test.py", "*_test.mjs", "*.test.mjs",
                    "wire_vectors.json"):
        for file in sorted(root.glob(f"tests/**/{pattern}")):
            if "node_modules" not in file.parts:
                yield file


def main():
    root = Path(__file__).resolve().parent.parent
    headers = defaultdict(set)
    for file in sorted(root.glob("include/troupe/*.hpp")):
        for item in ITEM.findall(file.read_text(encoding="utf-8")):
            headers[int(item)].add(file.name)
    tests = defaultdict(list)
    suites = defaultdict(set)
    for file in test_files(root):
        for name, text in tests_in(file):
            for item in sorted(set(map(int, ITEM.findall(text)))):
                tests[item].append(f"{file.relative_to(root)}: {name}")
                suites[item].add(suite_of(file))
    page = (root / "docs/contract.md").read_text(encoding="utf-8")
    rows = defaultdict(list)
    for item, cell in ROW.findall(page):
        rows[int(item)].append(set(re.findall(r"`([^`]+)`", cell)))
    gaps = 0
    for item in ITEMS:
        print(f"C{item}  {', '.join(sorted(headers[item])) or 'NO HEADER'}")
        for test in tests[item] or ["NO TEST"]:
            print(f"      {test}")
        is_on_page = rows[item] == [suites[item]]
        if not is_on_page:
            print(f"      docs/contract.md SHOULD NAME "
                  f"{', '.join(sorted(suites[item]))}")
        gaps += not headers[item] or not tests[item] or not is_on_page
    print(f"{len(ITEMS) - gaps} of {len(ITEMS)}")
    return 1 if gaps else 0


if __name__ == "__main__":
    sys.exit(main())
