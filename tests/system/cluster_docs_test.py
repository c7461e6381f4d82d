"""The commands for several nodes that the documents show, run as they are, in
a network of our own since their ports are fixed. Needs root."""

import contextlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import tempfile
import types
import unittest

from support.network import unshare
from support.program import PATIENCE, eventually
from support.raw import Peer

ROOT = pathlib.Path(__file__).resolve().parents[2]


def commands(document, mark):
    """The block of shell commands after a mark, one by one."""
    text = (ROOT / document).read_text()
    block = re.search(rf"<!-- {mark} -->\n```sh\n(.*?)```", text, re.S)[1]
    lines = block.replace("\\\n", " ").splitlines()
    return [x for x in lines if x.strip()]


class Guest(Peer):
    """Somebody in the chat."""

    def __init__(self, port, nick):
        super().__init__(types.SimpleNamespace(host="127.0.0.1", port=port,
                                               authority=None),
                         "/chat")
        self._say("nick", {"nick": nick, "key": ""})
        self.send_text("m:join;0;lobby")
        self.await_event("room")

    def speak(self, text):
        self._say("say", {"room": "#lobby", "text": text,
                          "id": os.urandom(8).hex()})

    def await_event(self, name, accept=lambda _: True):
        while True:
            event, tag, body = self.receive_text()[2:].split(";", 2)
            if event == name:
                body = json.loads(body) if tag == "4" else body
                if accept(body):
                    return body

    def hears(self, text):
        self.await_event("message", lambda x: x["text"] == text)

    def _say(self, event, data):
        self.send_text(f"m:{event};4;{json.dumps(data)}")


class Documents(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        try:
            unshare()
        except OSError as e:
            raise unittest.SkipTest(f"no network namespaces here: {e}")

    def setUp(self):
        self.stack = self.enterContext(contextlib.ExitStack())
        self.place = pathlib.Path(
            self.stack.enter_context(tempfile.TemporaryDirectory()))
        (self.place / "build/release").mkdir(parents=True)
        (self.place / "build/release/bin").symlink_to(
            pathlib.Path(os.environ["TROUPE_BIN_DIR"]).resolve())
        (self.place / "scripts").symlink_to(ROOT / "scripts")

    def run_all(self, all_commands):
        """Starts what serves, each when the one before it does."""
        for x in all_commands:
            if not x.startswith("build/release/bin/"):
                subprocess.run(x, shell=True, cwd=self.place, check=True,
                               capture_output=True, timeout=PATIENCE)
                continue
            node = self.stack.enter_context(subprocess.Popen(
                shlex.split(x), cwd=self.place, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, text=True))
            self.stack.callback(node.terminate)
            self.assertRegex(node.stdout.readline(), "listening on|running")

    def enter(self, *ports):
        """A guest at each port, who all hear each other."""
        guests = [Guest(x, f"guest {x}") for x in ports]
        for x in guests:
            self.stack.callback(x.socket.close)

        def is_heard(speaker):
            speaker.speak(text := os.urandom(4).hex())
            for x in guests:
                x.socket.settimeout(1)
                try:
                    x.hears(text)
                except TimeoutError:
                    return False
                finally:
                    x.socket.settimeout(PATIENCE)
            return True
        for x in guests: # That one node knows of the others says nothing of these.
            eventually(lambda x=x: is_heard(x), "all hear each other")
        return guests

    def test_readme(self):
        self.run_all(commands("README.md", "nodes"))
        alice, bob, carol = self.enter(8081, 8082, 8083)
        bob.speak("so be it, be")
        alice.hears("so be it, be")
        carol.hears("so be it, be")

        def is_answered():
            alice.speak("!words")
            answer = bob.await_event("message",
                                     lambda x: x["text"] != "!words")
            return answer["nick"] == "Word counter"
        eventually(is_answered, "the word counter answers")

    def test_tls(self):
        self.run_all(commands("docs/cluster.md", "tls"))
        *_, carol = guests = self.enter(8081, 8082, 8083)
        carol.speak("all over TLS")
        for x in guests:
            x.hears("all over TLS")


if __name__ == "__main__":
    unittest.main(verbosity=2)
