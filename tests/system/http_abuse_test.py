"""Clients that break the rules of HTTP: each gets a clear status or is cut, at
most one answer, never the next request that it tries to smuggle in."""

import os
import re
import select
import time
import unittest

from support.program import PATIENCE, Program, eventually
from support.raw import TEXT, Bystanders, Wire, frame, handshake

LIMIT = 4096 # Of a request's head.


def request(*fields, line="GET /healthz HTTP/1.1", host="Host: x", body=""):
    head = [line, *([host] if host else []), *fields, "", body]
    return "\r\n".join(head).encode("latin-1")


def upgrade(*fields, without=(), line=None):
    text = handshake("/echo", *fields, without=without)
    return text.replace(b"GET /echo HTTP/1.1", line) if line else text


# What would be answered with 200 if it were taken for a request.
SMUGGLED = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"

HEADS = {
    "no Host": (400, request(host=None)),
    "two Hosts": (400, request("Host: y")),
    "the same Host twice": (400, request("Host: x")),
    "a space before the colon": (400, request("A : b")),
    "a field without name": (400, request(": b")),
    "a field without colon": (400, request("banana")),
    "a field name with a space": (400, request("A B: c")),
    "a field name in Latin-1": (400, request("\xe4: b")),
    "a control character in a field": (400, request("A: \x01")),
    "NUL in a field": (400, request("A: b\0c")),
    "NUL in a field name": (400, request("A\0: b")),
    **{f"the Host {x!r}": (400, request(host=f"Host: {x}"))
       for x in ("user@host", "a b", "[::1", "<x>", "", "x:y", "x:65536",
                 "[1.2.3.4]", "a/b", "http://x", "\xfc")},
    "raw bytes in the target": (400, request(line="GET /\xc3\xa4 HTTP/1.1")),
    "a URL without a host": (400, request(line="GET http:///healthz HTTP/1.1")),
    "a URL with a user": (400,
                          request(line="GET http://a@x/healthz HTTP/1.1")),
    "a fragment": (400, request(line="GET /healthz#x HTTP/1.1")),
    "an unknown method": (501, request(line="BREW /healthz HTTP/1.1")),
    "an unknown method elsewhere": (501, request(line="BREW / HTTP/1.1")),
    "five empty lines": (400, b"\r\n" * 5 + request()),
    "HTTP/1.10": (400, request(line="GET / HTTP/1.10")),
    "NUL in the target": (400, request(line="GET /\0 HTTP/1.1")),
    "a bare CR in a field": (400, request("A: b\rC: d")),
    "bare LFs": (400, request("A: b").replace(b"\r\n", b"\n")),
    "a folded field": (400, request("A: b", " c")),
    "a folded field with a tab": (400, request("A: b", "\tc")),
    "a blank before the first field": (400, request(host=" Host: x")),
    "two spaces in the request line": (400, request(line="GET  / HTTP/1.1")),
    "no target": (400, request(line="GET HTTP/1.1")),
    "no version": (400, request(line="GET /healthz")),
    "HTTP/9.9": ((400, 505), request(line="GET / HTTP/9.9")),
    "HTTP/2.0": ((400, 505), request(line="GET / HTTP/2.0")),
    "the preface of HTTP/2": ((400, 505), b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "the hello of TLS": (400, bytes.fromhex("16030100ba010000b60303") * 20),
    "garbage": (400, bytes(range(256))),
    "NULs": (400, bytes(100)),
    "a frame": (400, frame(TEXT, b"hello")),
    "a field as large as the limit": (431, request("A: " + "x" * LIMIT)),
    "a megabyte of field": (431, request("A: " + "x" * 2**20)),
    "20,000 fields": (431, request(*["A: b"] * 20000)),
    "a megabyte of target": ((414, 431),
                             request(line=f"GET /{'x' * 2**20} HTTP/1.1")),
    "a megabyte of method": ((400, 431),
                             request(line=f"{'X' * 2**20} / HTTP/1.1")),
    "a megabyte of nothing": ((400, 431), b"\r\n" * 2**19),
}

BODIES = {
    "negative length": (400, request("Content-Length: -1")),
    "a length in words": (400, request("Content-Length: banana")),
    "a length with a sign": (400, request("Content-Length: +5", body="GET /")),
    "a length in hex": (400, request("Content-Length: 0x5", body="GET /")),
    "a length of 2^64": (400, request(f"Content-Length: {2**64}")),
    "two lengths": (400, request("Content-Length: 0", "Content-Length: 35")),
    "two lengths in one field": (400, request("Content-Length: 0, 35")),
    "the same length twice in a field": (400, request("Content-Length: 5, 5")),
    "chunked and a length":
        (400, request("Transfer-Encoding: chunked", "Content-Length: 5",
                      body="0\r\n\r\n")),
    "a length and chunked":
        (400, request("Content-Length: 5", "Transfer-Encoding: chunked",
                      body="0\r\n\r\n")),
    "chunked, not last": ((400, 501),
                          request("Transfer-Encoding: chunked, identity")),
    "chunked twice": ((400, 501),
                      request("Transfer-Encoding: chunked, chunked")),
    "an unknown coding": ((400, 501), request("Transfer-Encoding: banana")),
    "gzip": ((400, 501), request("Transfer-Encoding: gzip")),
    "chunked, hidden by a tab": ((400, 501),
                                 request("Transfer-Encoding:\tchunked")),
    "chunked in HTTP/1.0":
        ((400, 501), request("Transfer-Encoding: chunked",
                             line="GET /healthz HTTP/1.0", body="0\r\n\r\n")),
    "chunked with a bad size":
        ((400, 501), request("Transfer-Encoding: chunked", body="banana\r\n")),
    "chunked with an endless extension":
        ((400, 501), request("Transfer-Encoding: chunked",
                             body="5;" + "x" * 300000)),
    "chunked with a huge trailer":
        ((400, 501), request("Transfer-Encoding: chunked",
                             body="0\r\nA: " + "x" * 100000 + "\r\n\r\n")),
    "a body": (413, request("Content-Length: 5", body="hello")),
    "a POST": (405, request("Content-Length: 5", body="hello",
                            line="POST /healthz HTTP/1.1")),
}

UPGRADES = {
    "no key": (400, upgrade(without=["Sec-WebSocket-Key"])),
    **{f"the key {x!r}": (400, upgrade(f"Sec-WebSocket-Key: {x}",
                                       without=["Sec-WebSocket-Key"]))
       for x in ("", "AAAA", "x" * 24, "!" * 22 + "==", "A" * 100,
                 "dGhlIHNhbXBsZSBub25j_Q==", "dGhlIHNhbXBsZSBub25jZ===")},
    **{f"the protocols {x!r}": (400, upgrade(f"Sec-WebSocket-Protocol: {x}"))
       for x in ("a b", "a/b", '"a"', "a;b")},
    **{f"the extensions {x!r}": (400, upgrade(f"Sec-WebSocket-Extensions: {x}"))
       for x in ("a b", "a;", "a;b=", "a=1", 'a;b="c', "permessage-deflate;;")},
    "two keys": (400, upgrade("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")),
    "no version": (400, upgrade(without=["Sec-WebSocket-Version"])),
    **{f"the version {x!r}": (426, upgrade(f"Sec-WebSocket-Version: {x}",
                                           without=["Sec-WebSocket-Version"]))
       for x in ("8", "14", "banana", "")},
    "POST": (405, upgrade(line=b"POST /echo HTTP/1.1")),
    "HTTP/1.0": (400, upgrade(line=b"GET /echo HTTP/1.0")),
    "a body": (400, upgrade("Content-Length: 5") + b"hello"),
    "chunked": (400, upgrade("Transfer-Encoding: chunked")),
    "a frame at once": (400, upgrade() + frame(TEXT, b"too early")),
    "no Host": (400, upgrade(without=["Host"])),
}


class HttpAbuse(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.program = cls.enterClassContext(
            Program(f"--http.max-header-size={LIMIT}",
                    "--http.request-timeout=1s", "--threads=2",
                    "--http.max-requests-per-connection=1000000"))
        cls.others = cls.enterClassContext(Bystanders(cls.program))

    def exchange(self, data):
        """@returns the statuses of all answers until the server has enough."""
        with Wire(self.program) as client:
            client.send(data)
            answers = client.read_to_end().decode("latin-1")
        return [int(x) for x in re.findall(r"HTTP/1\.1 (\d+) ", answers)]

    def assert_refused(self, cases):
        for name, (expected, data) in cases.items():
            with self.subTest(name):
                if isinstance(expected, int):
                    expected = (expected, )
                for before, statuses in ((b"", []), (request(), [200])):
                    got = self.exchange(before + data + SMUGGLED.encode())
                    self.assertEqual(got[:-1], statuses)
                    self.assertIn(got[-1], expected)
                    self.others.chat()

    def test_heads(self):
        self.assert_refused(HEADS)

    def test_bodies(self):
        self.assert_refused(BODIES)

    def test_upgrades(self):
        self.assert_refused(UPGRADES)

    def test_version_that_would_do(self):
        with Wire(self.program) as client:
            client.send(UPGRADES["the version '8'"][1])
            self.assertIn("Sec-WebSocket-Version: 13", client.read_head())

    def test_origin(self): # C4
        evil = "Origin: http://evil.example"
        for fields in ([evil], [evil, "Origin: http://localhost"],
                       ["Origin: http://localhost", evil]):
            with self.subTest(fields), Wire(self.program) as client:
                client.send(upgrade(*fields))
                self.assertRegex(client.read_head(), "^HTTP/1.1 40[03] ")

    def test_unusual_but_right(self):
        """The tables above would be worth little if nothing were accepted."""
        for data, expected in (
            (request(), [200]),
            (request(host="hOsT:x"), [200]),
            (request("Content-Length: 0"), [200]),
            (request("A:\t b \t"), [200]),
            (request("A: \xe4\xff"), [200]),
            (request(line="HEAD /healthz HTTP/1.1"), [200]),
            (request(line="GET /healthz?a=b HTTP/1.1"), [200]),
            (request(line="GET http://localhost/healthz HTTP/1.1"), [200]),
            (request(host="Host: a_b.example:80"), [200]),
            (request(host="Host: b%C3%BCcher"), [200]),
            (request(host="Host: [::1]:80"), [200]),
            (request(line="GET /healthz HTTP/1.2"), [200]),
            (request(line="OPTIONS * HTTP/1.1"), [204]),
            (request(line="OPTIONS /healthz HTTP/1.1"), [204]),
            (b"\r\n" + request() + b"\r\n" + request(), [200, 200]),
            (request() + request(line="GET /nowhere HTTP/1.1"), [200, 404]),
            (request() * 50, [200] * 50),
            # No handshakes, but requests like others.
            (upgrade(without=["Upgrade"]), [426]),
            (upgrade(without=["Connection"]), [426]),
            (upgrade("Upgrade: h2c", without=["Upgrade"]), [426]),
        ):
            with self.subTest(data[:40]):
                last = request("Connection: close", line="GET /last HTTP/1.1")
                self.assertEqual(self.exchange(data + last), expected + [404])
        for fields in (["Upgrade: WebSocket"],
                       ["Connection: keep-alive, upgrade"],
                       ["Cookie: " + "x" * 3000],
                       [f"Origin: {self.program.scheme}://LOCALHOST"]):
            names = [x.split(":")[0] for x in fields]
            with self.subTest(fields), Wire(self.program) as client:
                client.send(upgrade(*fields, without=names))
                self.assertIn(" 101 ", client.read_head())

    def test_half_a_request_is_cut(self): # C5
        whole = upgrade()
        clients = []
        for size in (0, 1, 3, 20, len(whole) - 2, len(whole) - 1):
            clients.append(self.enterContext(Wire(self.program)))
            clients[-1].send(whole[:size])
        for x in clients:
            self.assertIn(x.read_to_end()[:12], (b"", b"HTTP/1.1 408"))
        self.others.chat()

    def test_half_a_request_after_a_whole_one_is_cut(self):
        with Wire(self.program) as client:
            client.send(request() + request()[:9])
            self.assertEqual(len(re.findall(b"HTTP/1.1", client.read_to_end())),
                             1)

    def test_an_idle_connection_is_cut(self):
        with Program("--http.keep-alive-timeout=500ms") as it, \
             Wire(it) as client:
            client.send(request() + request())
            self.assertEqual(client.read_to_end().count(b" 200 OK"), 2)

    def test_who_goes_on_after_a_refusal_is_cut(self):
        with Wire(self.program) as client:
            client.send(request(host=None))
            while client.send(bytes(2**16)):
                pass
        self.others.chat()

    @unittest.skipIf(os.environ.get("TROUPE_TEST_TLS"), "no half-closing in TLS")
    def test_an_answer_after_the_last_request(self):
        """As with `nc -N`, which sends FIN and waits."""
        with Wire(self.program) as client:
            client.send(request())
            client.socket.shutdown(1)
            self.assertIn(b" 200 OK", client.read_to_end())

    def test_slow_loris(self):
        """One byte now and then keeps nobody's connection open."""
        begin = time.monotonic()
        clients = {x.socket: x for x in (self.enterContext(Wire(self.program))
                                         for _ in range(200))}
        drip = iter(request("A: " + "x" * 4000))
        while clients:
            self.assertLess(time.monotonic() - begin, PATIENCE)
            byte = bytes([next(drip)])
            for x in clients.values():
                x.send(byte)
            for x in select.select(list(clients), [], [], 0.05)[0]:
                self.assertEqual(clients.pop(x).read_to_end(), b"")
            self.others.chat()
        self.assertGreater(time.monotonic() - begin, 0.9)

    def test_death_at_every_byte(self):
        before = self.program.open_files()
        for size in range(0, len(upgrade()) + 1, 4):
            for dies in (Wire.reset, Wire.__exit__):
                client = Wire(self.program)
                client.send(upgrade()[:size])
                dies(client)
        self.others.chat()
        eventually(lambda: self.program.open_files() <= before,
                   "the sockets are closed")

    def test_answers_that_nobody_reads(self):
        with Wire(self.program, receive_buffer=2048) as client:
            client.socket.settimeout(0.5)
            with self.assertRaises(TimeoutError):
                while client.send(request() * 1000):
                    pass
            self.others.chat()
            self.assertLess(self.program.status("VmRSS"), 500_000) # KiB


if __name__ == "__main__":
    unittest.main()
