"""Nodes of a cluster, and clients that account for every message."""

import json
import re
import threading
import time

from support.program import PATIENCE, Program, eventually
from support.raw import Peer

HEARTBEAT, TIMEOUT = 0.2, 1.0 # Seconds.
TIMES = [f"--cluster.heartbeat={int(HEARTBEAT * 1000)}ms",
         f"--cluster.timeout={int(TIMEOUT * 1000)}ms"]


class Node(Program):
    """A node for tests; see cluster_probe.cpp."""

    def __init__(self, join=(), listen="127.0.0.1:0", options=(), **more):
        join = [f"--cluster.join={','.join(join)}"] if join else []
        super().__init__(f"--cluster.listen={listen}", *join, *TIMES, *options,
                         name="troupe-cluster-probe", **more)
        line = self.log.wait_for(r"this is node ")
        found = re.search(r"this is node (\S+) of .* at (\S+)", line)
        self.name, self.address = found[1], found[2]

    def nodes(self):
        """What it knows of other nodes that are up, by name."""
        with Client(self) as client:
            client.say("nodes")
            return {x["name"]: x for x in client.await_event("nodes")}

    def sees(self, *others):
        """Waits until exactly these nodes are up for it."""
        expected = {x.name for x in others}
        eventually(lambda: set(self.nodes()) == expected,
                   f"{self.name} sees {expected}, not {self.nodes()}")


def form(*nodes):
    """Waits until all see each other."""
    for x in nodes:
        x.sees(*(y for y in nodes if y is not x))


class Client(Peer):
    """A client of a node, which notes in what order it hears what."""

    def __init__(self, node):
        super().__init__(node, "/probe")
        self.node = node

    def say(self, event, data=""):
        """Data is a string or JSON."""
        is_text = isinstance(data, str)
        body = data if is_text else json.dumps(data)
        self.send_text(f"m:{event};{0 if is_text else 4};{body}")

    def await_event(self, event):
        while True:
            name, tag, body = self.receive_text()[2:].split(";", 2)
            if name == event:
                return json.loads(body) if tag == "4" else body

    def join(self, room):
        self.say("join", room)
        self.await_event("joined")


class Talk:
    """Clients in one room who say numbered messages, and what each heard.

    The model: nobody hears anything twice or out of the speaker's order, and
    clients of the same node hear all of each other."""

    def __init__(self, nodes, room="talk"):
        self.room = room
        self.clients = []
        for i, node in enumerate(nodes):
            self.add(i, node)

    def add(self, name, node):
        client = Member(name, node, self.room)
        self.clients.append(client)
        return client

    def client(self, name):
        return next(x for x in self.clients if x.name == name)

    def round(self, clients=None):
        """Everyone says something."""
        for x in clients or self.clients:
            x.speak()

    def converge(self, clients=None):
        """Waits until all hear each other."""
        clients = clients or self.clients

        def all_hear():
            marks = [(x.name, x.speak()) for x in clients]
            deadline = time.monotonic() + TIMEOUT
            while time.monotonic() < deadline:
                if all(x.has_heard(*mark) for x in clients for mark in marks):
                    return True
                time.sleep(0.005)
            return False
        eventually(all_hear, "all hear each other")

    def check(self, lossless=()):
        """`lossless` are pairs of names, speaker and hearer, in which nothing
        may be missing from the hearer's first message on."""
        for hearer in self.clients:
            for speaker in self.clients:
                heard = hearer.heard_of(speaker.name)
                what = f"{hearer.name} hears {speaker.name}: "
                assert heard == sorted(set(heard)), what + f"{heard}"
                local = hearer.node is speaker.node
                if heard and (local or (speaker.name, hearer.name) in lossless):
                    expected = list(range(heard[0], heard[-1] + 1))
                    missing = set(expected) - set(heard)
                    assert not missing, what + f"not {sorted(missing)}"

    def lost(self, speaker, hearer):
        """How many messages of a speaker a hearer missed in between."""
        heard = self.client(hearer).heard_of(speaker)
        return heard[-1] - heard[0] + 1 - len(heard)

    def close(self):
        for x in self.clients:
            x.close()


class Traffic:
    """Keeps all members of a talk speaking, meanwhile."""

    def __init__(self, talk):
        self._talk = talk
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _run(self):
        while not self._over.wait(0.005):
            self._talk.round()


class Member:
    """One of them, with a thread that reads."""

    def __init__(self, name, node, room):
        self.name = name
        self.node = node
        self._room = room
        self._said = 0
        self._speaking = threading.Lock() # The traffic and the test both do.
        self._heard = {}
        self._peer = Client(node)
        self._peer.join(room)
        self._peer.socket.settimeout(None) # Nobody may say anything for long.
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def speak(self, padding=0):
        """@returns the number of the message; none if the node is gone."""
        with self._speaking:
            self._said += 1
            try:
                self._peer.say("say", [self._room, [self.name, self._said,
                                                    "x" * padding]])
            except OSError:
                pass
            return self._said

    def heard_of(self, speaker):
        return list(self._heard.get(speaker, ()))

    def await_end(self):
        """Waits until the node has closed the connection."""
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()

    def has_heard(self, speaker, number):
        return number in self._heard.get(speaker, ())[-100:]

    def close(self):
        try:
            self._peer.socket.shutdown(2)
        except OSError:
            pass
        self._thread.join()
        self._peer.socket.close()

    def _read(self):
        try:
            while True:
                speaker, number, _ = self._peer.await_event("said")
                self._heard.setdefault(speaker, []).append(number)
        except (OSError, AssertionError, TypeError, AttributeError):
            pass # The node is gone, or the test is over.
