"""POST requests and files of a folder, with foreign clients: curl and Python's
http.client. The program is the example with the login."""

import gzip
import hashlib
import http.client
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from support.authority import Authority
from support.program import PATIENCE, Program, eventually, is_sanitized
from support.raw import Wire

LIMIT = 1000 # Of a body.
VALID = json.dumps({"name": "alice", "password": "wonderland"}).encode()
JSON = {"Content-Type": "application/json"}

FILES = {
    "index.html": b"<p>home</p>",
    "app.js": b"let x = 1;\n" * 1000,
    "app.js.gz": gzip.compress(b"let x = 1;\n" * 1000),
    "large.bin": os.urandom(1 << 20) * 20,
    ".secret": b"secret",
}


def post(*fields, body="", path="/login"):
    head = [f"POST {path} HTTP/1.1", "Host: x", *fields, "", body]
    return "\r\n".join(head).encode("latin-1")


CHUNKED = "Transfer-Encoding: chunked"

# What would be answered with 200 if it were taken for a request.
SMUGGLED = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"

HOSTILE = {
    "a large body": (413, post(f"Content-Length: {LIMIT + 1}")),
    "a huge length": (413, post(f"Content-Length: {2**64 - 1}")),
    "a length of 2^64": (400, post(f"Content-Length: {2**64}")),
    "a negative length": (400, post("Content-Length: -1")),
    "two lengths": (400, post("Content-Length: 1", "Content-Length: 2")),
    "chunked and a length":
        (400, post(CHUNKED, "Content-Length: 5", body="0\r\n\r\n")),
    "a length and chunked":
        (400, post("Content-Length: 5", CHUNKED, body="0\r\n\r\n")),
    "chunked twice": (400, post(CHUNKED, CHUNKED, body="0\r\n\r\n")),
    "gzip, chunked":
        (400, post("Transfer-Encoding: gzip, chunked", body="0\r\n\r\n")),
    "a chunk that is too large": (413, post(CHUNKED, body="fffffff\r\n")),
    "chunks that are too large together":
        (413, post(CHUNKED, body="1\r\nx\r\n" * LIMIT + "1\r\nx\r\n")),
    **{f"the chunk size {x!r}": (400, post(CHUNKED, body=f"{x}\r\n"))
       for x in ("", "x", "-1", "+1", "0x1", "1 ", "1\n", "1;a\rb",
                 "0" * 17, "1" * 17)},
    "a chunk without end": (400, post(CHUNKED, body="1\r\nxx")),
    "an endless extension": (400, post(CHUNKED, body="1;" + "x" * 300000)),
    "many extensions":
        (400, post(CHUNKED, body=("1;" + "x" * 3000 + "\r\nx\r\n") * 10)),
    "a huge trailer":
        (400, post(CHUNKED, body="0\r\nA: " + "x" * 100000 + "\r\n\r\n")),
    "many trailer fields":
        (400, post(CHUNKED, body="0\r\n" + "A: b\r\n" * 10000 + "\r\n")),
    "another expectation":
        (417, post("Content-Length: 1", "Expect: a miracle", body="x")),
    "another origin":
        (403, post("Content-Length: 1", "Origin: http://evil.example",
                   body="x")),
    "a body for a file": (405, post("Content-Length: 5", body="hello",
                                    path="/app.js")),
}


class Routes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(
            cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.pages = cls.folder / "pages"
        cls.pages.mkdir()
        for name, data in FILES.items():
            (cls.pages / name).write_bytes(data)
        (cls.folder / "outside").write_text("secret")
        (cls.pages / "out").symlink_to("../outside")
        cls.program = cls.start()

    @classmethod
    def start(cls, *options):
        return cls.enterClassContext(Program(
            f"--login.pages={cls.pages}", f"--http.max-body-size={LIMIT}",
            "--http.request-timeout=2s", "--threads=2", *options,
            name="troupe-example-login"))

    def connect(self):
        client = http.client.HTTPConnection(
            self.program.host, self.program.port, timeout=PATIENCE)
        self.addCleanup(client.close)
        return client

    def ask(self, client, *request, **options):
        """@returns the status, the body and the header fields."""
        client.request(*request, **options)
        answer = client.getresponse()
        return answer.status, answer.read(), answer.headers

    def curl(self, path, *options, url=None):
        """@returns status, number of bytes sent, and the body."""
        done = subprocess.run(
            ["curl", "--silent", "--show-error", "--max-time", f"{PATIENCE:g}",
             "--write-out", "%{stderr}%{http_code} %{size_upload}", *options,
             (url or self.program.url) + path],
            stdin=subprocess.DEVNULL, capture_output=True, check=False)
        status, sent = done.stderr.decode().split()[-2:]
        return int(status), int(sent), done.stdout

    def test_one_connection_serves_all(self):
        client = self.connect()
        socket = None
        for _ in range(3):
            status, body, _ = self.ask(client, "GET", "/")
            self.assertEqual((status, body), (200, FILES["index.html"]))
            socket = socket or client.sock
            status, body, fields = self.ask(client, "POST", "/login", VALID,
                                            JSON)
            self.assertEqual((status, body), (204, b""))
            self.assertRegex(fields["Set-Cookie"], "^session=.*HttpOnly")
            status, _, _ = self.ask(client, "POST", "/login", iter([VALID]),
                                    JSON, encode_chunked=True)
            self.assertEqual(status, 204)
            status, _, _ = self.ask(client, "HEAD", "/app.js")
            self.assertEqual(status, 200)
            status, _, _ = self.ask(client, "POST", "/login", b"{", JSON)
            self.assertEqual(status, 400)
            status, _, _ = self.ask(client, "POST", "/login", VALID)
            self.assertEqual(status, 415)
            status, _, _ = self.ask(client, "PUT", "/login")
            self.assertEqual(status, 405)
        self.assertIs(client.sock, socket)

    def test_curl_waits_before_it_sends(self):
        expect = ("--header", "Expect: 100-continue", "--data-binary")
        json_type = ("--header", "Content-Type: application/json")
        status, sent, _ = self.curl("/login", *json_type, *expect,
                                    VALID.decode())
        self.assertEqual((status, sent), (204, len(VALID)))
        for path, expected in (("/login", 413), ("/app.js", 405)):
            status, sent, _ = self.curl(path, *expect, "x" * (LIMIT + 1))
            self.assertEqual((status, sent), (expected, 0))

    def test_curl_gets_files(self):
        _, _, body = self.curl("/large.bin")
        self.assertEqual(hashlib.sha256(body).digest(),
                         hashlib.sha256(FILES["large.bin"]).digest())
        status, _, body = self.curl("/large.bin", "--range", "100-199")
        self.assertEqual((status, body), (206, FILES["large.bin"][100:200]))
        status, _, body = self.curl("/large.bin", "--range", "-100")
        self.assertEqual((status, body), (206, FILES["large.bin"][-100:]))
        status, _, _ = self.curl("/app.js", "--range", "99999-")
        self.assertEqual(status, 416)
        status, _, body = self.curl("/app.js", "--compressed")
        self.assertEqual((status, body), (200, FILES["app.js"]))
        status, _, body = self.curl("/app.js", "--header",
                                    "Accept-Encoding: gzip")
        self.assertEqual((status, body), (200, FILES["app.js.gz"]))

    def test_curl_keeps_what_it_has(self):
        tag = str(self.folder / "etag")
        self.assertEqual(self.curl("/app.js", "--etag-save", tag)[0], 200)
        self.assertEqual(self.curl("/app.js", "--etag-compare", tag)[0], 304)
        (self.pages / "app.js").write_bytes(FILES["app.js"])
        self.assertEqual(self.curl("/app.js", "--etag-compare", tag)[0], 200)

    def test_no_other_file_is_found(self):
        for path in ("/../outside", "/%2e%2e/outside", "/%2e%2e%2foutside",
                     "//outside", "/.secret", "/%2esecret", "/out",
                     "/app.js%00", "/app.js/", "/..%5coutside"):
            with self.subTest(path):
                status, _, body = self.curl(path, "--path-as-is")
                self.assertEqual(status, 404)
                self.assertNotIn(b"secret", body)

    def test_hostile_bodies(self):
        for name, (expected, data) in HOSTILE.items():
            with self.subTest(name), Wire(self.program) as client:
                client.send(data + SMUGGLED)
                answers = client.read_to_end().decode("latin-1")
                self.assertEqual(re.findall(r"HTTP/1\.1 (\d+) ", answers),
                                 [str(expected)])

    def test_slow_bodies_delay_nobody(self):
        slow = [self.enterContext(Wire(self.program)) for _ in range(50)]
        for x in slow:
            x.send(post("Content-Length: 100", body="x" * 99))
        self.assertEqual(self.ask(self.connect(), "POST", "/login", VALID,
                                  JSON)[0], 204)
        for x in slow:
            self.assertEqual(x.read_to_end(), b"")

    def test_clients_that_leave_cost_nothing(self):
        before = self.program.open_files()
        clients = [Wire(self.program, receive_buffer=4096) for _ in range(20)]
        for x in clients:
            x.send(b"GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertIn(" 200 OK", x.read_head())
            self.assertGreater(self.program.open_files(), before)
        for i, x in enumerate(clients):
            x.reset() if i % 2 else x.socket.close()
        eventually(lambda: self.program.open_files() <= before,
                   "all sockets and files closed")

    @unittest.skipIf(is_sanitized("troupe-example-login"),
                     "AddressSanitizer keeps what is freed")
    def test_a_huge_file_takes_little_memory(self):
        huge = self.pages / "huge.bin"
        with huge.open("wb") as out:
            out.truncate(300 << 20)
        before = self.program.status("VmRSS")
        client = self.connect()
        client.request("GET", "/huge.bin")
        answer = client.getresponse()
        size = 0
        while data := answer.read(1 << 20):
            size += len(data)
        self.assertEqual(size, 300 << 20)
        self.assertLess(self.program.status("VmRSS"), before + (64 << 10))


class Tls(unittest.TestCase):
    def test_curl(self):
        folder = pathlib.Path(
            self.enterContext(tempfile.TemporaryDirectory()))
        authority = Authority(folder)
        large = os.urandom(5 << 20)
        (folder / "pages").mkdir()
        (folder / "pages/large.bin").write_bytes(large)
        program = self.enterContext(Program(
            f"--login.pages={folder}/pages", *authority.options(),
            "--host=localhost", name="troupe-example-login"))
        curl = ["curl", "--silent", "--show-error", "--fail", "--cacert",
                authority.ca, "--max-time", f"{PATIENCE:g}"]
        url = f"https://localhost:{program.port}"
        got = subprocess.run([*curl, f"{url}/large.bin"], check=True,
                             capture_output=True)
        self.assertEqual(got.stdout, large)
        got = subprocess.run(
            [*curl, "--include", "--header", "Content-Type: application/json",
             "--data-binary", VALID, f"{url}/login"], check=True,
            capture_output=True)
        self.assertRegex(got.stdout, b"(?i)set-cookie: session=.*; Secure")


if __name__ == "__main__":
    unittest.main()
