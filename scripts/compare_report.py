#!/usr/bin/env python3
"""Summarizes the measurements of scripts/compare.sh: reads results.jsonl in the
folder given as argument, prints a table, and writes table.md and chart.svg
there.

Each line of results.jsonl is one run, with the row of the table, the round and
the server. A ratio is the median of the ratios of all rounds, not the ratio of
the medians: the machine may be slower for some minutes, which would affect
either median by chance."""

import json
import os
import platform
import sys
from html import escape
from pathlib import Path
from statistics import median

UNITS = {"fanout": "delivery", "rooms": "delivery", "slow": "delivery",
         "churn": "delivery", "echo": "message", "connect": "connection",
         "idle": "connection", "leave": "connection", "hellos": "handshake",
         "request": "request"}
PLURALS = {"delivery": "deliveries", "message": "messages",
           "connection": "connections", "handshake": "handshakes",
           "request": "requests"}


def figures_of(result):
    """Returns the figures to show: key, title, and whether higher is better.
    The server's cost is the last one."""
    unit = UNITS[result["workload"]]
    if result["workload"] == "idle":
        return [("rss_per_connection", "bytes per connection", False)]
    cpu = ("server_cpu_us", f"CPU per {unit}, µs", False)
    # If the rate is given, servers differ in latency only.
    if "latency_p99_us" in result:
        return [("latency_p50_us", "latency, median, µs", False),
                ("latency_p99_us", "latency, 99th percentile, µs", False), cpu]
    return [("rate", f"{PLURALS[unit]} per second", True), cpu]


def title_of(result):
    settings = dict(result["settings"])
    words = {"rooms": "{} rooms", "members": "{} members",
             "senders": "{} senders", "connections": "{} connections",
             "window": "{} under way each", "rate": "{:g} messages/s",
             "payload": "{} bytes", "read_at": "read at {} bytes",
             "goodbye": "after a goodbye", "greet": "after an echo",
             "tls": "TLS", "resume": "resumed"}
    if settings.get("window") == 1:
        del settings["window"]
    texts = [words.get(k, k + " {}").format(v) for k, v in settings.items()]
    return result["workload"] + ": " + ", ".join(texts)


# From this CPU usage on, the load generator may be the bottleneck.
BUSY_LOAD = 0.95


class Row:
    """All runs of one row, by server and round."""

    def __init__(self, title):
        self.title = title
        self.figures = []
        self.runs = {}
        self.failed = {}
        self.rounds = {}  # number: whether other processes disturbed it

    def add(self, line):
        server, number = line["server"], line["round"]
        runs = self.runs.setdefault(server, {})
        if line.get("failed"):
            self.failed[server] = self.failed.get(server, 0) + 1
            return
        if not self.figures:
            self.title = title_of(line["result"])
            self.figures = figures_of(line["result"])
        runs[number] = line["result"]
        self.rounds[number] = line["disturbed"]

    def median(self, server, key):
        """Returns the median, or None if the server has no such figure."""
        found = [run[key] for run in self.runs[server].values() if key in run]
        return median(found) if found else None

    def shown(self, server, key):
        """Returns the median as text, with a mark if the load generator may
        have limited the rate."""
        value = self.median(server, key)
        if value is None:
            return "failed" if server in self.failed else "-"
        held = (key == "rate"
                and self.median(server, "load_cpu_share") >= BUSY_LOAD)
        return ("≥ " if held else "") + number(value)

    def ratio(self, server, key):
        """Returns the ratio of this server's figure to the first server's, as
        text."""
        first = next(iter(self.runs.values()))
        own = self.runs[server]
        found = [own[n][key] / first[n][key] for n in own
                 if n in first and first[n].get(key) and key in own[n]]
        if not found:
            return "-"
        times = median(found)
        return f"{times:.2f}" if times < 10 else f"{times:.0f}"

    def state(self):
        """Returns notes about the row."""
        notes = [f"{len(self.rounds)} rounds",
                 f"{sum(self.rounds.values())} disturbed"]
        notes += [f"{server} failed in {count}"
                  for server, count in self.failed.items()]
        return ", ".join(notes)


def read(path):
    rows = {}
    for text_line in path.read_text().splitlines():
        line = json.loads(text_line)
        rows.setdefault(line["row"], Row(line["row"])).add(line)
    return list(rows.values())


def machine():
    """Describes the machine."""
    cpus = Path("/proc/cpuinfo").read_text().splitlines()
    models = [x.split(":")[1].strip() for x in cpus if x.startswith("model n")]
    tcp = Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip()
    kernel = platform.release().split("-")[0]
    return (f"Linux {kernel}, {os.cpu_count()} cores, "
            f"{models[0] if models else platform.machine()}; TCP: {tcp}")


def number(x):
    """Formats with three significant digits and thousands separators."""
    if x >= 1000:
        x = round(x, 3 - len(str(int(x))))
        return f"{x:,.0f}".replace(",", " ")
    return f"{x:.3g}"


def line_of(cells):
    return "| " + " | ".join(cells) + " |"


def head_of(cells):
    return [line_of(cells), "|---" + "|---:" * (len(cells) - 1) + "|"]


def summary(rows):
    """Returns a table with one column per server: the last figure of each row,
    and in brackets its ratio to the first server's."""
    servers = list(dict.fromkeys(s for row in rows for s in row.runs))
    lines = head_of([""] + servers)
    for row in rows:
        cells = [f"{row.title}: {row.figures[-1][1]}" if row.figures
                 else row.title]
        for server in servers:
            if server not in row.runs or not row.figures:
                cells.append("-")
                continue
            key = row.figures[-1][0]
            is_first = server == next(iter(row.runs))
            times = "" if is_first else f" ({row.ratio(server, key)})"
            cells.append(row.shown(server, key) + times)
        lines.append(line_of(cells))
    return lines + [""]


def details(row):
    lines = [f"**{row.title}** ({row.state()})", ""]
    heads = ["server"]
    for _, name, _ in row.figures:
        heads += [name, f"× {next(iter(row.runs))}"]
    lines += head_of(heads)
    for server in row.runs:
        cells = [server]
        for key, _, _ in row.figures:
            cells += [row.shown(server, key), row.ratio(server, key)]
        lines.append(line_of(cells))
    return lines + [""]


def table(rows):
    lines = summary(rows) if len(rows) > 1 else []
    for row in rows:
        lines += details(row)
    return "\n".join([*lines, machine(), "",
                      "≥: the load may have been the limit.", ""])


# -- the picture ---------------------------------------------------------------

BAR, GAP, LABELS, COLUMN, HEAD = 13, 4, 100, 380, 50
COLORS = ("#2563eb", "#94a3b8")


def text(x, y, words, css="", anchor="start"):
    return (f'<text x="{x}" y="{y}" text-anchor="{anchor}" class="{css}">'
            f"{escape(words)}</text>")


def bars(row, key, left, top):
    """Draws one bar per server; the first one has a different color."""
    out = []
    values = [row.median(server, key) or 0 for server in row.runs]
    widest = max(values) or 1
    for i, server in enumerate(row.runs):
        y = top + i * (BAR + GAP)
        width = max(1, round(values[i] / widest * (COLUMN - 110)))
        out.append(f'<rect x="{left}" y="{y}" width="{width}" height="{BAR}" '
                   f'rx="2" fill="{COLORS[i > 0]}"/>')
        out.append(text(left + width + 6, y + 11, row.shown(server, key),
                        "" if i else "own"))
    return out


def chart(rows):
    out, y = [], 8
    for row in rows:
        out.append(text(16, y + 18, row.title, "title"))
        for column, (key, name, more) in enumerate(row.figures):
            left = 16 + LABELS + column * COLUMN
            hint = "more is better" if more else "less is better"
            out.append(text(left, y + 38, f"{name} ({hint})", "faint"))
            out += bars(row, key, left, y + HEAD - 4)
        for i, server in enumerate(row.runs):
            out.append(text(16 + LABELS - 8, y + HEAD + 7 + i * (BAR + GAP),
                            server, "" if i else "own", "end"))
        y += HEAD + len(row.runs) * (BAR + GAP) + 12
    columns = max((len(row.figures) for row in rows), default=0)
    width = 16 + LABELS + max(columns, 2) * COLUMN
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" '
        f'height="{y}" viewBox="0 0 {width} {y}">',
        # A background, so that the chart is legible on any page.
        "<style>text{font:12px system-ui,sans-serif;fill:#334155}"
        ".title{font-size:13px;font-weight:600;fill:#0f172a}"
        ".own{font-weight:600}.faint{fill:#64748b}</style>",
        f'<rect x="0.5" y="0.5" width="{width - 1}" height="{y - 1}" rx="8" '
        'fill="#ffffff" stroke="#cbd5e1"/>',
        *out, "</svg>", ""])


def main():
    folder = Path(sys.argv[1])
    rows = read(folder / "results.jsonl")
    tables = table(rows)
    (folder / "table.md").write_text(tables)
    (folder / "chart.svg").write_text(chart(rows))
    print(tables)


if __name__ == "__main__":
    main()
