#!/usr/bin/env python3
"""Sums up what scripts/compare.sh measured: reads results.jsonl in the folder
that is its argument, prints a table, writes table.md and chart.svg there.

Each line holds one run; the n-th lines of two servers in one workload belong to
one round. A ratio is the median of the rounds' ratios, not the ratio of the
medians: the machine is at times slower for minutes, which would fall on either
median by chance."""

import json
import os
import platform
import sys
from html import escape
from pathlib import Path
from statistics import median

UNITS = {"fanout": "delivery", "rooms": "delivery", "slow": "delivery",
         "churn": "delivery", "echo": "message", "connect": "connection",
         "idle": "connection", "leave": "connection"}
PLURALS = {"delivery": "deliveries", "message": "messages",
           "connection": "connections"}


def figures_of(result):
    """What to show: key, title, and whether more of it is better."""
    unit = UNITS[result["workload"]]
    if result["workload"] == "idle":
        return [("rss_per_connection", "bytes per connection", False)]
    # Who is told how many messages to send differs in how long they take.
    first = ("rate", f"{PLURALS[unit]} per second", True)
    if "latency_p99_us" in result:
        first = ("latency_p99_us", "latency, 99th percentile, µs", False)
    return [first, ("server_cpu_us", f"CPU per {unit}, µs", False)]


def title_of(result):
    settings = dict(result["settings"])
    words = {"rooms": "{} rooms", "members": "{} members",
             "senders": "{} senders", "connections": "{} connections",
             "window": "{} under way each", "rate": "{:g} messages/s",
             "payload": "{} bytes", "goodbye": "after a goodbye"}
    if settings.get("window") == 1:
        del settings["window"]
    texts = [words.get(k, k + " {}").format(v) for k, v in settings.items()]
    return result["workload"] + ": " + ", ".join(texts)


# From this share of its core on the load itself may have been the limit.
BUSY_LOAD = 0.95


class Workload:
    """All runs of one workload, by server."""

    def __init__(self, figures):
        self.figures = figures
        self.runs = {}
        self.disturbed = 0

    def median(self, server, key):
        return median(run[key] for run in self.runs[server])

    def shown(self, server, key):
        """The median as text; a rate may have been held down by the load."""
        held = (key == "rate"
                and self.median(server, "load_cpu_share") >= BUSY_LOAD)
        return ("≥ " if held else "") + number(self.median(server, key))

    def ratio(self, server, key):
        """This server's figure in multiples of the first one's."""
        first = next(iter(self.runs))
        pairs = zip(self.runs[server], self.runs[first])
        return median(a[key] / b[key] for a, b in pairs if b[key])


def read(path):
    workloads = {}
    for line in path.read_text().splitlines():
        run = json.loads(line)
        result = run["result"]
        one = workloads.setdefault(title_of(result),
                                   Workload(figures_of(result)))
        one.runs.setdefault(run["server"], []).append(result)
        if len(one.runs) == 1:
            one.disturbed += run["disturbed"]
    return workloads


def machine():
    """What the figures depend on besides the servers."""
    cpus = Path("/proc/cpuinfo").read_text().splitlines()
    models = [x.split(":")[1].strip() for x in cpus if x.startswith("model n")]
    tcp = Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip()
    kernel = platform.release().split("-")[0]
    return (f"Linux {kernel}, {os.cpu_count()} cores, "
            f"{models[0] if models else platform.machine()}; TCP: {tcp}")


def number(x):
    """Three significant digits, thousands apart."""
    if x >= 1000:
        x = round(x, 3 - len(str(int(x))))
        return f"{x:,.0f}".replace(",", " ")
    return f"{x:.3g}"


def table(workloads):
    lines = []
    for title, work in workloads.items():
        figures = work.figures
        first = next(iter(work.runs))
        rounds = len(work.runs[first])
        lines += [f"**{title}** ({rounds} rounds, {work.disturbed} disturbed)",
                  ""]
        heads = ["server"]
        for _, text, _ in figures:
            heads += [text, f"× {first}"]
        lines += ["| " + " | ".join(heads) + " |",
                  "|---" + "|---:" * (len(heads) - 1) + "|"]
        for server in work.runs:
            cells = [server]
            for key, _, _ in figures:
                cells += [work.shown(server, key),
                          f"{work.ratio(server, key):.2f}"]
            lines.append("| " + " | ".join(cells) + " |")
        lines.append("")
    lines += [machine(), "", "≥: the load may have been the limit.", ""]
    return "\n".join(lines)


# -- the picture ---------------------------------------------------------------

BAR, GAP, LABELS, COLUMN, HEAD = 18, 6, 100, 380, 58
COLOURS = ("#2563eb", "#94a3b8")


def text(x, y, words, css="", anchor="start"):
    return (f'<text x="{x}" y="{y}" text-anchor="{anchor}" class="{css}">'
            f"{escape(words)}</text>")


def bars(work, key, left, top):
    """One bar per server, the first one's in its own colour."""
    out = []
    texts = {server: work.shown(server, key) for server in work.runs}
    values = {server: work.median(server, key) for server in work.runs}
    widest = max(values.values()) or 1
    for i, (server, value) in enumerate(values.items()):
        y = top + i * (BAR + GAP)
        width = max(1, round(value / widest * (COLUMN - 110)))
        out.append(f'<rect x="{left}" y="{y}" width="{width}" height="{BAR}" '
                   f'rx="2" fill="{COLOURS[i > 0]}"/>')
        out.append(text(left + width + 6, y + 13, texts[server],
                        "" if i else "own"))
    return out


def chart(workloads):
    out, y = [], 12
    for title, work in workloads.items():
        out.append(text(16, y + 18, title, "title"))
        for column, (key, name, more) in enumerate(work.figures):
            left = 16 + LABELS + column * COLUMN
            hint = "more is better" if more else "less is better"
            out.append(text(left, y + 42, f"{name} ({hint})", "faint"))
            out += bars(work, key, left, y + HEAD - 6)
        for i, server in enumerate(work.runs):
            out.append(text(16 + LABELS - 8, y + HEAD + 7 + i * (BAR + GAP),
                            server, "" if i else "own", "end"))
        y += HEAD + len(work.runs) * (BAR + GAP) + 14
    width = 16 + LABELS + 2 * COLUMN
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" '
        f'height="{y}" viewBox="0 0 {width} {y}">',
        "<style>text{font:13px system-ui,sans-serif;fill:#334155}"
        ".title{font-weight:600;fill:#0f172a}.own{font-weight:600}"
        ".faint{font-size:12px;fill:#64748b}</style>",
        f'<rect width="{width}" height="{y}" rx="8" fill="#ffffff"/>',
        *out, "</svg>", ""])


def main():
    folder = Path(sys.argv[1])
    workloads = read(folder / "results.jsonl")
    tables = table(workloads)
    (folder / "table.md").write_text(tables)
    (folder / "chart.svg").write_text(chart(workloads))
    print(tables)


if __name__ == "__main__":
    main()
