#!/usr/bin/env python3
"""Counts the instructions that a server executes for a message and for a
connection, and compares them with tests/bench/budgets.json: a guard against
slower code that times nothing. TROUPE_BIN_DIR has the release build.

    scripts/instructions.py [--renew | --profile]

--renew    makes today's counts the budgets
--profile  also shows which functions execute them

Each scenario runs under callgrind twice, with N units and with 2 N: start, end
and setting up execute the same in both, so that (cost of 2 N - cost of N) / N is
the cost of a unit.
"""

import json
import os
import platform
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUDGETS = ROOT / "tests/bench/budgets.json"
OUT = ROOT / "build/instructions"

sys.path.insert(0, str(ROOT / "tests/system"))
from support.program import PATIENCE, Program
from support.raw import CLOSE, TEXT, Peer, close_payload, frame

# Relative. Counts differ between runs by at most 0.5 %, usually by 0.1 %.
TOLERANCE = 0.05

# -- the server ----------------------------------------------------------------

# Counts must not depend on the duration of a run, so pings are disabled and
# ticks not counted (except waking up: 1 400 instructions four times a second).
OPTIONS = ("--threads=1", "--ws.ping-period=1h", "--ws.pong-timeout=2h")
CALLGRIND = ("valgrind", "-q", "--tool=callgrind",
             "--toggle-collect=troupe::net::worker::tick()",
             "--collect-atstart=yes") # all except ticks; the order matters

# glibc selects a memcpy by processor; use the one that all processors support.
ENVIRONMENT = {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-AVX,"
                                 "-AVX_Fast_Unaligned_Load,-ERMS,-MOVBE,-BMI2"}


class Server(Program):
    """A server that writes its instruction counts to a file when it ends."""

    def __init__(self, program, file):
        super().__init__(*OPTIONS, name=program, env=ENVIRONMENT,
                         under=(*CALLGRIND, f"--callgrind-out-file={file}"))

    def settle(self):
        """Waits until the server has processed all input, when its threads
        sleep."""
        deadline = time.monotonic() + PATIENCE
        while not self._sleeps():
            assert time.monotonic() < deadline, "the server is always busy"
            os.sched_yield() # the server may need this processor

    def _sleeps(self):
        states = (x.read_text().rpartition(") ")[2][0]
                  for x in Path(f"/proc/{self.pid}/task").glob("*/stat"))
        return all(x == "S" for x in states)


class Client(Peer):
    """A client that sends only when the server is idle, so that the server
    always executes the same instructions."""

    def __init__(self, server, path):
        self._server = server
        super().__init__(server, path)

    def send(self, data):
        self._server.settle()
        return super().send(data)

    def expect(self, payload):
        got = self.receive()
        assert got and got.payload == payload, got

    def say_goodbye(self):
        self.send(frame(CLOSE, close_payload(1000)))
        self.expect(close_payload(1000))
        assert self.receive() is None
        self._server.settle()
        self.socket.close()
        self._server.settle()


# -- scenarios -----------------------------------------------------------------

MESSAGE = b"x" * 64


def inbound(server, units):
    """A client sends a message; the server returns it."""
    client = Client(server, "/echo")
    for _ in range(units):
        client.send(frame(TEXT, MESSAGE))
        client.expect(MESSAGE)
    client.say_goodbye()


def event(server, units):
    """A client sends an event; the handler sends one to all others, here
    one."""
    sender, receiver = (Client(server, "/echo") for _ in range(2))
    for _ in range(units):
        sender.send(frame(TEXT, b"m:chat;0;" + MESSAGE))
        receiver.expect(b"m:chat;0;" + MESSAGE)
    sender.say_goodbye()
    receiver.say_goodbye()


def room_of(size):
    def publish(server, units):
        """A member of a room sends a message to all members."""
        members = [Client(server, "/rooms/a") for _ in range(size)]
        for _ in range(units):
            members[0].send(frame(TEXT, MESSAGE))
            for x in members:
                x.expect(MESSAGE)
        for x in members:
            x.say_goodbye()
    return publish


def connect(server, units):
    """Clients connect, join a room and close, one after the other."""
    for _ in range(units):
        Client(server, "/rooms/a").say_goodbye()


# The program, the function and N of each scenario.
SCENARIOS = {
    "inbound": ("troupe-echo", inbound, 2000),
    "event": ("troupe-compat", event, 1000),
    "fan-out-10": ("troupe-echo", room_of(10), 1000),
    "fan-out-100": ("troupe-echo", room_of(100), 500),
    "connect": ("troupe-echo", connect, 200),
}


def file_of(name, times):
    return OUT / f"{name}-{times}.callgrind"


def total(name, times):
    """Returns the instructions of the server for `times` * N units."""
    program, scenario, units = SCENARIOS[name]
    file = file_of(name, times)
    with Server(program, file) as server:
        scenario(server, times * units)
    assert not server.log.lines, str(server.log)
    result = int(re.search(r"^totals: (\d+)", file.read_text(), re.M)[1])
    assert result > 5_000_000, "less than a start: callgrind missed something"
    return result


def units_of(name):
    return SCENARIOS[name][-1]


def per_unit(name):
    return (total(name, 2) - total(name, 1)) / units_of(name)


def measure():
    """Returns the figures, each with a description of its unit."""
    few, many = per_unit("fan-out-10"), per_unit("fan-out-100")
    delivery = (many - few) / 90
    figures = {
        "inbound": (per_unit("inbound"), "message of 64 bytes and its answer"),
        "event": (per_unit("event"), "event of 64 bytes, handled, and the one "
                                     "that its handler sends to another"),
        "publish": (few - 10 * delivery, "message to a room, without what each "
                                         "member costs"),
        "delivery": (delivery, "member of the room who receives it"),
        "connect": (per_unit("connect"), "connection that joins a room and "
                                         "says goodbye"),
    }
    return {k: {"instructions": round(n), "per": what}
            for k, (n, what) in figures.items()}


# -- budgets -------------------------------------------------------------------


def toolchain():
    """Returns platform and compiler, on which the counts depend."""
    program = Path(os.environ["TROUPE_BIN_DIR"]) / "troupe-echo"
    compilers = re.findall(rb"GCC: \([^)]*\) [\d.]+|clang version [\d.]+",
                           program.read_bytes())
    system = platform.freedesktop_os_release()["PRETTY_NAME"]
    return ", ".join([platform.machine(), system,
                      *sorted({x.decode() for x in compilers})])


def renew(figures):
    lines = [f"{json.dumps(k)}: {json.dumps(v)}"
             for k, v in {"made with": toolchain(), **figures}.items()]
    BUDGETS.write_text("{\n  " + ",\n  ".join(lines) + "\n}\n")
    print(f"wrote {BUDGETS.relative_to(ROOT)}")


def compare(figures):
    """Prints the figures. Returns the relative deviation of each from its
    budget."""
    budgets = json.loads(BUDGETS.read_text())
    changes = {}
    for name, figure in figures.items():
        today = figure["instructions"]
        budget = budgets.get(name, figure)["instructions"]
        changes[name] = today / budget - 1
        print(f"{name:9}{today:8} instructions per {figure['per']} "
              f"({changes[name]:+.1%} of {budget})")
    return changes


def judge(changes):
    """Returns whether all figures are within their budgets."""
    dearer = [k for k, x in changes.items() if x > TOLERANCE]
    cheaper = [k for k, x in changes.items() if x < -TOLERANCE]
    if cheaper:
        print(f"Cheaper than budgeted: {', '.join(cheaper)}. Keep it so: "
              "scripts/check.sh instructions --renew")
    if dearer:
        print(f"""
Over budget by more than {TOLERANCE:.0%}: {', '.join(dearer)}. What executes it:
  scripts/check.sh instructions --profile
If it is worth it, renew the budgets and say in the commit why:
  scripts/check.sh instructions --renew""", file=sys.stderr)
        before, now = json.loads(BUDGETS.read_text())["made with"], toolchain()
        if before != now:
            print(f"""
Perhaps it is not our code; the budgets were made with
  {before}
and this is
  {now}""", file=sys.stderr)
    return not dearer


# -- which functions -----------------------------------------------------------

# The path of a message. The cost of a function is included in that of the
# function above with less indentation.
STAGES = [
    ("all", "net::worker::run("),
    ("- sleeping, timers, accepting", "net::worker::sleep("),
    ("- asking the kernel what is ready", "epoll_wait"),
    ("- HTTP", "http_session::on_ready("),
    ("  - handshake", "http_session::upgrade("),
    ("- WebSocket", "ws_session::on_ready("),
    ("  - system call", "coalescing_stream::receive("),
    ("  - frame", "frame_reader::next("),
    ("  - connection reads a message", "connection_actor::read("),
    ("    - an event taken apart", "troupe::parse("),
    ("    - an event made", "troupe::encode("),
    ("    - sending", "connection_actions::send_to("),
    ("- actors", "net::worker::run_actors("),
    ("- end of the turn", "net::worker::end_turn("),
    ("  - fan-out", "fan_out::flush("),
    ("    - a member's connection", "connection_actor::deliver_to_client("),
    ("      - its session", "ws_session::send("),
    ("- flush", "net::worker::flush("),
    ("  - socket", "coalescing_stream::send_queued("),
]


def without_templates(name):
    while (shorter := re.sub(r"<[^<>]*>", "", name)) != name:
        name = shorter
    return name


def functions(name, times, inclusive):
    """Returns the instructions of each function in a run."""
    lines = subprocess.run(
        ["callgrind_annotate", f"--inclusive={inclusive}", "--threshold=100",
         "--auto=no", file_of(name, times)],
        check=True, capture_output=True, text=True).stdout.splitlines()
    result = {}
    for line in lines:
        # 1,024 ( 0.1%)  file.cpp:function(int) [/usr/lib/object.so]
        if match := re.match(r"\s*([\d,]+) \([^)]*\)\s+[^:]*:(.*?)(?: \[/.*)?$",
                             line):
            count = int(match[1].replace(",", ""))
            result[match[2]] = result.get(match[2], 0) + count
    return result


def functions_per_unit(name, inclusive):
    once, twice = (functions(name, x, inclusive) for x in (1, 2))
    return {k: (n - once.get(k, 0)) / units_of(name)
            for k, n in twice.items()}


def profile():
    """Prints the cost of each stage, and writes that of each function to
    files."""
    columns = []
    for name in SCENARIOS:
        with_callees = functions_per_unit(name, "yes")
        own = functions_per_unit(name, "no")
        rows = sorted(((n, own.get(k, 0), k) for k, n in with_callees.items()
                       if n >= 1), reverse=True)
        (OUT / f"{name}.txt").write_text(
            f"{'inclusive':>10}{'own':>10}  instructions per unit of {name}\n"
            + "".join(f"{n:10.0f}{x:10.0f}  {k}\n" for n, x, k in rows))
        short = [(n, without_templates(k)) for n, _, k in rows]
        columns.append([max((n for n, k in short if which in k), default=0)
                        for _, which in STAGES])
    print(f"\n{'':38}" + "".join(f"{x:>12}" for x in SCENARIOS))
    for (stage, _), *row in zip(STAGES, *columns):
        print(f"{stage:38}" + "".join(f"{x:12.0f}" for x in row))
    print(f"\nAll functions: {OUT.relative_to(ROOT)}/*.txt")


def main():
    action = sys.argv[1] if len(sys.argv) > 1 else ""
    if action not in ("", "--renew", "--profile"):
        sys.exit(__doc__)
    OUT.mkdir(parents=True, exist_ok=True)
    figures = measure()
    changes = compare(figures)
    if action == "--renew":
        renew(figures)
        return 0
    if action == "--profile":
        profile()
    return 0 if judge(changes) else 1


if __name__ == "__main__":
    sys.exit(main())
