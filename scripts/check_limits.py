#!/usr/bin/env python3
"""Checks that limits and counters are complete: docs/limits.md has each setting
that bounds something, and server::stats() copies each counter."""

import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent

SETTING = re.compile(r"^  (?:size_t|uint32_t|caf::timespan) (\w+) =", re.MULTILINE)
BOUND = re.compile(r"max_\w+|\w+_timeout|\w+_credit|\w+_per_\w+|"
                   r"connections|pending")
COUNTER = re.compile(r"^  (?:std::atomic<)?uint64_t>? (\w+) =", re.MULTILINE)


def read(path):
    return (root / path).read_text(encoding="utf-8")


def struct(name, path):
    return re.search(rf"^struct {name} {{$(.*?)^}};$", read(path),
                     re.DOTALL | re.MULTILINE)[1]


def missing_settings():
    limits = read("docs/limits.md")
    for path in (f"include/troupe/{x}.hpp"
                 for x in ("config", "listener_config", "cluster")):
        for name in SETTING.findall(read(path)):
            option = name.replace("_", "-")
            if BOUND.fullmatch(name) and not re.search(rf"[`.]{option}`", limits):
                yield f"docs/limits.md: `{option}` of {path} is missing"


def missing_counters():
    copied = re.findall(r"^ +\.(\w+) = x\.\1,$", read("net/server.cpp"),
                        re.MULTILINE)
    public = COUNTER.findall(struct("server_stats", "include/troupe/server.hpp"))
    counted = COUNTER.findall(struct("counters", "actors/server_core.hpp"))
    for name in sorted({*public, *counted} - ({*public} & {*counted} & {*copied})):
        yield (f"counter {name}: must be in server_stats, in counters and in "
               "server::stats()")


def main():
    wrong = [*missing_settings(), *missing_counters()]
    print(*wrong, sep="\n", file=sys.stderr, end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
