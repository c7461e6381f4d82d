"""A connection that is used outside of its callbacks: an error, or in a debug
build the end of the program, with a sentence."""

import signal
import unittest

from support.program import Program, eventually
from support.raw import Peer

SENTENCE = "used on another thread or outside of its callbacks"


class Misuse(unittest.TestCase):

    def setUp(self):
        self.debug = self.start("troupe-misuse-probe")
        self.release = self.start("troupe-misuse-probe-release")

    def start(self, name):
        program = Program("--threads=1", name=name)
        self.addCleanup(program.kill)
        return program

    def ask(self, client, event):
        client.send_text(f"m:{event};0;")
        return client.receive_text()

    def prepare(self, program, gone):
        """@returns who uses what another connection was careless with."""
        client, other = Peer(program, "/probe"), Peer(program, "/probe")
        self.addCleanup(client.socket.close)
        self.addCleanup(other.socket.close)
        self.assertIn("done", self.ask(other, "me"))
        other.send_text("m:keep;0;")
        self.assertIn("done", self.ask(other, "me")) # It has been kept.
        if gone:
            other.socket.close()
        return client

    def check(self, event, answer="used outside of its callbacks", gone=False):
        with self.subTest(event, gone=gone, build="release"):
            client = self.prepare(self.release, gone)
            self.assertIn(answer, self.ask(client, event))
            self.assertIn("done", self.ask(client, "me"))
        with self.subTest(event, gone=gone, build="debug"):
            client = self.prepare(self.debug, gone)
            client.send_text(f"m:{event};0;")
            self.assertEqual(self.debug.wait(), -signal.SIGABRT)
            eventually(lambda: SENTENCE in str(self.debug.log), "the sentence")
            self.debug = self.start("troupe-misuse-probe")

    def test_on_another_thread(self):
        self.check("thread")

    def test_after_its_callback(self):
        self.check("emit")
        self.check("join")

    def test_an_emitter_that_was_kept(self):
        self.check("emitter")

    def test_what_returns_no_error(self):
        self.check("values", "nothing")
        self.check("subprotocol", "''")
        eventually(lambda: SENTENCE in str(self.release.log), "the sentence")

    def test_after_the_end_of_the_connection(self):
        self.check("emit", gone=True)
        self.check("emitter", gone=True)


if __name__ == "__main__":
    unittest.main()
