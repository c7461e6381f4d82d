"""Clients that break the rules of WebSocket: each gets a clear close code and a
line in the log, and nobody else notices."""

import itertools
import os
import random
import unittest

from support.program import Program, eventually
from support.raw import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT
from support.raw import Bystanders, Peer, close_payload, frame

# The names say what is sent; the bytes follow an open handshake.
PROTOCOL_ERRORS = {
    "no frame but HTTP": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "no frame but TLS": bytes.fromhex("16030100ba010000b60303"),
    "no frame but 0xff": b"\xff" * 100,
    "unmasked text": frame(TEXT, b"hello", masked=False),
    "unmasked, empty": frame(TEXT, masked=False),
    "unmasked ping": frame(PING, masked=False),
    "unmasked close": frame(CLOSE, close_payload(1000), masked=False),
    "RSV1": frame(TEXT, b"x", rsv=4),
    "RSV2": frame(TEXT, b"x", rsv=2),
    "RSV3": frame(TEXT, b"x", rsv=1),
    "RSV1 of a ping": frame(PING, rsv=4),
    "RSV1 of a continuation":
        frame(TEXT, b"x", fin=False) + frame(CONTINUATION, b"x", rsv=4),
    **{f"opcode {x}": frame(x, b"x") for x in [*range(3, 8), *range(11, 16)]},
    "ping of 126 bytes": frame(PING, bytes(126)),
    "pong of 126 bytes": frame(PONG, bytes(126)),
    "close of 126 bytes": frame(CLOSE, close_payload(1000, b"x" * 124)),
    "ping of 2^62 bytes": frame(PING, length=2**62),
    "ping in fragments":
        frame(PING, b"x", fin=False) + frame(CONTINUATION, b"y"),
    "pong in fragments": frame(PONG, fin=False),
    "close in fragments": frame(CLOSE, close_payload(1000), fin=False),
    "continuation of nothing": frame(CONTINUATION, b"x"),
    "first fragment as continuation": frame(CONTINUATION, b"x", fin=False),
    "continuation of what was complete":
        frame(PING) + frame(CONTINUATION, b"x"),
    "text inside binary": frame(BINARY, b"x", fin=False) + frame(TEXT, b"y"),
    "text inside text":
        frame(TEXT, b"x", fin=False) + frame(TEXT, b"y", fin=False),
    "16-bit length of 5": frame(TEXT, b"hello", width=16),
    "64-bit length of 5": frame(TEXT, b"hello", width=64),
    "64-bit length of 65535": frame(BINARY, bytes(65535), width=64),
    "close of one byte": frame(CLOSE, b"\x03"),
    "close, reason is no UTF-8": frame(CLOSE, close_payload(1000, b"\xff")),
    **{f"close with {x}": frame(CLOSE, close_payload(x)) for x in
       (0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999)},
}

TOO_BIG = {
    "2^16 + 1 bytes": frame(BINARY, bytes(2**16 + 1)),
    "2^16 + 1 announced": frame(BINARY, length=2**16 + 1),
    "2^32 announced": frame(BINARY, length=2**32),
    "2^62 announced": frame(TEXT, length=2**62),
    "2^63 - 1 announced": frame(BINARY, length=2**63 - 1),
    "two fragments": frame(BINARY, bytes(2**16), fin=False)
                     + frame(CONTINUATION, b"x"),
    "the second fragment announces it":
        frame(BINARY, b"x", fin=False) + frame(CONTINUATION, length=2**62),
    "many fragments":
        frame(BINARY, bytes(512), fin=False)
        + frame(CONTINUATION, bytes(512), fin=False) * 200,
}

NO_UTF8 = {
    "0xff": frame(TEXT, b"\xff"),
    "only a continuation byte": frame(TEXT, b"\x80"),
    "overlong": frame(TEXT, b"\xc0\xaf"),
    "a surrogate": frame(TEXT, b"\xed\xa0\x80"),
    "beyond the last": frame(TEXT, b"\xf4\x90\x80\x80"),
    "cut at the end": frame(TEXT, b"hello \xe2\x82"),
    "cut, then an empty fragment":
        frame(TEXT, b"\xe2\x82", fin=False) + frame(CONTINUATION),
    "cut in the middle of fragments":
        frame(TEXT, b"\xe2\x82", fin=False) + frame(CONTINUATION, b"x"),
    "seen before the end": frame(TEXT, b"\xff", fin=False),
    "seen before the end of the frame": frame(TEXT, b"\xff", length=1000),
}


class Abuse(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.program = cls.enterClassContext(
            Program("--log.quota=0")) # Each line counts here.
        cls.others = cls.enterClassContext(Bystanders(cls.program))

    def abuse(self):
        """@returns a client in the bystanders' room."""
        return Peer(self.program, "/rooms/lobby")

    def assert_closed(self, cases, code):
        for name, data in cases.items():
            with self.subTest(name):
                with self.abuse() as client:
                    client.send(data)
                    self.assertEqual(client.close_code(), code)
                    self.others.chat()
                line = rf"127\.0\.0\.1 {client.port} closed with {code}: ."
                self.program.log.wait_for(line)

    def test_protocol_errors(self):
        self.assert_closed(PROTOCOL_ERRORS, 1002)

    def test_messages_that_are_too_big(self):
        self.assert_closed(TOO_BIG, 1009)

    def test_text_that_is_no_utf8(self):
        self.assert_closed(NO_UTF8, 1007)

    def test_length_with_the_highest_bit(self):
        # RFC 6455 section 5.2 forbids it, and it is too big as well.
        with self.abuse() as client:
            client.send(frame(BINARY, length=2**64 - 1))
            self.assertIn(client.close_code(), (1002, 1009))
        self.others.chat()

    def test_one_byte_at_a_time(self):
        """Legal, and the same as at once."""
        with Peer(self.program, "/echo") as client:
            data = (frame(TEXT, "grün".encode(), fin=False) + frame(PING, b"p")
                    + frame(CONTINUATION, "es ☃".encode()) + frame(BINARY))
            for i in range(len(data)):
                client.send(data[i:i + 1])
            self.assertEqual(client.receive(), (PONG, b"p", True))
            self.assertEqual(client.receive_text(), "grünes ☃")
            self.assertEqual(client.receive(), (BINARY, b"", True))

    def test_frames_after_a_close_frame(self):
        with self.abuse() as client:
            client.send(frame(CLOSE, close_payload(1000)))
            client.send(frame(TEXT, b"one more thing"))
            self.assertEqual(client.close_code(), 1000)
        self.others.chat()

    def test_frames_after_an_error(self):
        with self.abuse() as client:
            client.send(frame(TEXT, b"hello", masked=False)
                        + frame(TEXT, b"hello") * 1000)
            self.assertEqual(client.close_code(), 1002)
        self.others.chat()

    def test_an_abuser_that_stays(self):
        """Gets its close frame and does not go: the time-out decides."""
        with Program("--ws.close-timeout=500ms") as it, \
             Bystanders(it) as others:
            for data in (PROTOCOL_ERRORS["unmasked text"],
                         NO_UTF8["cut, then an empty fragment"]):
                with Peer(it, "/rooms/lobby") as client:
                    client.send(data)
                    it.log.wait_for(f" {client.port} closed with 100[27]: ")
                    others.chat()
                    # Nor does it help to go on for ever.
                    while client.send(bytes(2**16)):
                        pass

    def test_what_clients_write_into_the_log(self):
        """Is part of a line: it cannot forge another, nor color it."""
        forged = "x\n2026-01-01T00:00:00.000 error forged \x1b[31m\r\x7f"
        for data in (frame(TEXT, f"m:{forged};9;x".encode()),
                     frame(CLOSE, close_payload(4000, forged.encode())),
                     frame(TEXT, f"m:{forged}".encode())):
            with self.subTest(data):
                with Peer(self.program, "/echo") as client:
                    client.send(data + frame(CLOSE, close_payload(1000)))
                    client.close_code()
                self.others.chat()
        self.program.log.wait_for("4000")
        stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3} (?!error)[a-z]+ \S"
        for line in self.program.log.lines:
            self.assertRegex(line, rf"\A{stamp}[^\x00-\x1f\x7f]*\Z")

    def test_garbage_of_any_kind(self):
        dice = random.Random(6455)
        for _ in range(200):
            data = dice.randbytes(2000)
            # In another room: it may well begin with a valid message.
            with self.subTest(data.hex()), \
                 Peer(self.program, "/rooms/elsewhere") as client:
                # Ends what may wait for the rest of a frame.
                client.send(data + frame(CONTINUATION, rsv=7) * 15000)
                self.assertIn(client.close_code(), (1002, 1007, 1009))
                self.others.chat()

    def test_death_at_every_byte(self):
        message = (frame(TEXT, b"hi", fin=False) + frame(PING, b"p")
                   + frame(CONTINUATION, b"x" * 126) + frame(CLOSE))
        before = self.program.open_files()
        for size, dies in itertools.product(
                [*range(24), 100, len(message)], (Peer.reset, Peer.__exit__)):
            client = Peer(self.program, "/rooms/away")
            client.send(message[:size])
            dies(client)
        self.others.chat()
        eventually(lambda: self.program.open_files() <= before,
                   "the sockets are closed")

    @unittest.skipIf(os.environ.get("TROUPE_TEST_TLS"), "no half-closing in TLS")
    def test_half_open(self):
        """A client that sends FIN, but would still read."""
        for size in (0, 1, 7):
            with self.subTest(size), self.abuse() as client:
                client.send(frame(TEXT, b"hello")[:size])
                client.socket.shutdown(1)
                self.assertIsNone(client.close_code())
                self.others.chat()


if __name__ == "__main__":
    unittest.main()
