#!/usr/bin/env python3
"""Counts the instructions that each subject of troupe-growth takes at several
sizes, and fails where a unit's cost grows faster than log n, so that all of
them together grow faster than n log n. TROUPE_BIN_DIR has the release build.

    scripts/growth.py [--sizes N,N...] [SUBJECT...]

tests/bench/growth.json has the sizes, the limits, and which parts of subjects
are known to grow. That list only shrinks: a part in it that does not grow any
more fails, too.
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

# Seconds for one subject with 10 000 of whatever it is about, or less. Who needs
# more grows.
PATIENCE = 45

# -- judging -------------------------------------------------------------------


def allowed(small, large, slack):
    """@returns how many times as much a unit may cost at the larger size."""
    return math.log(large) / math.log(small) * slack


def growth(figures):
    """@param figures  what a unit costs, by size; None: not measured in time.
    @returns how many times as much it costs at the largest size."""
    first, *_, last = (figures[n] for n in sorted(figures))
    return math.inf if None in (first, last) else last / first


def is_within(part, figures, rules):
    """@returns whether the part keeps to its limit if it has one, else whether
    it does not grow."""
    if part in rules["limits"]:
        return all(x is not None and x <= rules["limits"][part]
                   for x in figures.values())
    sizes = sorted(figures)
    return growth(figures) <= allowed(sizes[0], sizes[-1], rules["slack"])


def judge(figures, rules):
    """@param figures  of each part: what a unit costs, by size.
    @returns the faults in words; empty if all is well."""
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
    """@returns what a unit of each part costs; nothing of parts that were not
    reached in time."""
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
    """@returns what a unit of the part costs."""
    if "value" in line: # It is not counted in instructions.
        return line["value"]
    count = counts[line["part"]] - counts.get(line.get("beyond"), 0)
    return count / line["units"]


def instructions(folder):
    """@returns the count of each part that was dumped."""
    counts = {}
    for dump in folder.glob("dump.*"):
        text = dump.read_text()
        part = re.search(r"^desc: Trigger: Client Request: (.+)$", text, re.M)
        total = re.search(r"^totals: (\d+)", text, re.M)
        if part and total: # Who ran out of time may have left half a dump.
            counts[part[1]] = int(total[1])
    return counts


def measure(subjects, sizes):
    """@returns for each part what a unit costs, by size."""
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
    if asked.subjects: # Then the others are not measured, known or not.
        rules["known to grow"] = [x for x in rules["known to grow"]
                                  if x in figures]
    show(figures, rules)
    faults = judge(figures, rules)
    for x in faults:
        print(f"growth: {x}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
