"""What the tests under AddressSanitizer rest on: a program that has lost memory
says so at its end, and does not end with 0."""

import unittest

from support.program import Program, is_sanitized
from support.raw import BINARY, Peer, event, frame

PROBE = "troupe-flood-probe"


@unittest.skipUnless(is_sanitized(PROBE), "built without AddressSanitizer")
class LeakCheck(unittest.TestCase):

    def status_after(self, *events):
        """@returns how the program ends, and what it wrote."""
        with Program("--threads=2", name=PROBE) as it:
            clients = [self.enterContext(Peer(it, "/probe")) for _ in range(20)]
            for client in clients:
                client.send(event("join", 0, "crowd"))
                client.send(event("say", 0, "hello"))
                for name in events:
                    client.send(event(name, 0, ""))
                client.send(frame(BINARY, b"over"))
            for client in clients:
                while client.receive().payload != b"over":
                    pass
            return it.stop(), str(it.log)

    def test_a_leak_shows(self):
        status, log = self.status_after("leak")
        self.assertNotEqual(status, 0)
        self.assertIn("LeakSanitizer: detected memory leaks", log)

    def test_none_shows_where_none_is(self):
        self.assertEqual(self.status_after(), (0, ""))


if __name__ == "__main__":
    unittest.main()
