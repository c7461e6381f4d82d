#!/usr/bin/env python3
"""Counts the instructions of each subject of troupe-growth at several sizes.
Fails if the cost per unit grows faster than log n, that is, the total cost
grows faster than n log n. TROUPE_BIN_DIR is the folder of the release build.

    scripts/growth.py [--sizes N,N...] [SUBJECT...]

tests/bench/growth.json has the sizes, the limits, and the parts of subjects
that are known to grow. Entries must be removed when they no longer apply: a
part in that list that does not grow is a failure, too.
"""

import argparse
import json
import math
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "tests/bench/growth.json"
OUT = ROOT / "build/growth"

# Time limit in seconds for a subject with a size up to 10 000. A subject that
# takes longer counts as growing.
PATIENCE = 45

# -- judging -------------------------------------------------------------------


def allowed(small, large, slack):
    """Returns the allowed ratio of the costs per unit at both sizes."""
    return math.log(large) / math.log(small) * slack


def growth(figures):
    """Returns the ratio of the costs per unit at the largest and the smallest
    size.
    @param figures  cost per unit, by size; None: not measured in time."""
    first, *_, last = (figures[n] for n in sorted(figures))
    return math.inf if None in (first, last) else last / first


def is_within(part, figures, rules):
    """Returns whether the part is within its limit, or does not grow if it has
    no limit."""
    if part in rules["limits"]:
        return all(x is not None and x <= rules["limits"][part]
                   for x in figures.values())
    sizes = sorted(figures)
    return growth(figures) <= allowed(sizes[0], sizes[-1], rules["slack"])


def judge(figures, rules):
    """Returns the error messages; empty if there are none.
    @param figures  cost per unit of each part, by size."""
    known = set(rules["known to grow"])
    faults = []
    for part, by_size in figures.items():
        good = is_within(part, by_size, rules)
        if not good and part not in known:
            faults.append(f"{part} grows")
        if good and part in known:
            faults.append(f"{part} does not grow any more: "
                          f"take it from the list of those known to grow")
    faults += [f"{part} is known to grow, but was not measured"
               for part in sorted(known - figures.keys())]
    return faults


# -- measuring -----------------------------------------------------------------


def program():
    return Path(os.environ["TROUPE_BIN_DIR"]) / "troupe-growth"


def run(subject, size):
    """Returns the cost per unit of each part that was measured in time."""
    folder = OUT / f"{subject}-{size}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    command = ["valgrind", "-q", "--tool=callgrind", "--instr-atstart=no",
               f"--callgrind-out-file={folder}/dump",
               program(), subject, str(size)]
    try:
        output = subprocess.run(command, check=True, stdout=subprocess.PIPE,
                                timeout=PATIENCE * max(1, size / 10_000)
                                ).stdout
    except subprocess.TimeoutExpired as x:
        output = x.stdout or b""
    lines = [json.loads(x) for x in output.splitlines()]
    counts = instructions(folder)
    return {x["part"]: cost(x, counts) for x in lines}


def cost(line, counts):
    """Returns the cost per unit of a part."""
    if "value" in line: # not measured in instructions
        return line["value"]
    count = counts[line["part"]] - counts.get(line.get("beyond"), 0)
    return count / line["units"]


def instructions(folder):
    """Returns the number of instructions of each part."""
    counts = {}
    for dump in folder.glob("dump.*"):
        text = dump.read_text()
        part = re.search(r"^desc: Trigger: Client Request: (.+)$", text, re.M)
        total = re.search(r"^totals: (\d+)", text, re.M)
        if part and total: # incomplete after a time-out
            counts[part[1]] = int(total[1])
    return counts


def measure(subjects, sizes):
    """Returns the cost per unit of each part, by size."""
    jobs = [(subject, size) for subject in subjects for size in sizes]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda job: run(*job), jobs))
    figures = {}
    for (_, size), parts in zip(jobs, results):
        for part, cost in parts.items():
            figures.setdefault(part, dict.fromkeys(sizes))[size] = cost
    return figures


# -- showing -------------------------------------------------------------------


def show(figures, rules):
    for part, by_size in figures.items():
        costs = "".join(f"{'-' if x is None else f'{x:,.4g}':>12}"
                        for _, x in sorted(by_size.items()))
        good = is_within(part, by_size, rules)
        print(f"{part:28}{costs}{growth(by_size):9.2f} times"
              f"{'' if good else '  grows'}")


def list_subjects():
    return subprocess.run([program(), "list"], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.split()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", help="instead of those of the rules")
    parser.add_argument("subjects", nargs="*")
    asked = parser.parse_args()
    rules = json.loads(RULES.read_text())
    sizes = [int(x) for x in (asked.sizes or "").split(",") if x]
    figures = measure(asked.subjects or list_subjects(),
                      sizes or rules["sizes"])
    if asked.subjects: # ignores parts of other subjects
        rules["known to grow"] = [x for x in rules["known to grow"]
                                  if x in figures]
    show(figures, rules)
    faults = judge(figures, rules)
    for x in faults:
        print(f"growth: {x}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
