"""The access log: one line of JSON for each request and connection."""

import json
import pathlib
import signal
import tempfile
import unittest
import urllib.error
import urllib.request

from support.program import PATIENCE, Program, eventually, run
from support.raw import TEXT, Peer, Wire, frame

REQUIRED = {"time", "kind", "remote", "status", "duration", "bytes_out"}


class AccessLog(unittest.TestCase):
    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.file = pathlib.Path(folder) / "access.log"

    def lines(self, file=None):
        """@returns the lines, each of which must be complete."""
        text = (file or self.file).read_text("ascii")
        self.assertTrue(not text or text.endswith("\n"), text)
        result = [json.loads(x) for x in text.splitlines()]
        for x in result:
            self.assertLessEqual(REQUIRED, x.keys())
            self.assertEqual(x["remote"], "127.0.0.1")
            self.assertGreaterEqual(x["duration"], 0)
        return result

    def get(self, program, path):
        try:
            with urllib.request.urlopen(program.url + path, timeout=PATIENCE):
                pass
        except urllib.error.HTTPError as error:
            error.close()

    def test_requests_and_connections(self):
        with Program(f"--log.access={self.file}") as it:
            self.get(it, "/healthz")
            self.get(it, "/nothing?secret=1")
            with Peer(it, "/echo") as client:
                client.send(frame(TEXT, b"hello"))
                client.send(frame(8, b"\x03\xe8"))
                client.close_code()
            eventually(lambda: len(self.lines()) == 3, "three lines")
        probe, missing, closed = self.lines()
        self.assertEqual((probe["method"], probe["path"], probe["status"]),
                         ("GET", "/healthz", 200))
        self.assertTrue(probe["user_agent"].startswith("Python-urllib"))
        self.assertEqual(probe["host"], f"{it.host}:{it.port}")
        self.assertEqual((missing["path"], missing["status"]),
                         ("/nothing", 404))
        self.assertEqual(closed["kind"], "websocket")
        self.assertEqual((closed["code"], closed["by"], closed["cause"]),
                         (1000, "client", "none"))
        self.assertEqual((closed["messages_in"], closed["messages_out"]),
                         (1, 1))
        self.assertGreater(closed["bytes_in"], 10)
        self.assertGreater(closed["bytes_out"], 100) # With the handshake.
        self.assertNotIn("secret", self.file.read_text())
        self.assertEqual(self.file.stat().st_mode & 0o7, 0)

    def test_refusals_and_broken_requests(self):
        with Program(f"--log.access={self.file}") as it:
            for head in (b"GET /echo HTTP/1.1\r\nHost: x\r\n",
                         b"NONSENSE\r\n"):
                with Wire(it) as client:
                    client.send(head + b"\r\n")
                    client.read_head()
            eventually(lambda: len(self.lines()) == 2, "two lines")
        refused, broken = self.lines()
        self.assertEqual((refused["path"], refused["status"]), ("/echo", 426))
        self.assertEqual(broken["status"], 400)
        self.assertNotIn("path", broken)

    def test_rotation(self):
        old = self.file.with_suffix(".1")
        with Program(f"--log.access={self.file}") as it:
            self.get(it, "/healthz")
            eventually(self.lines, "the first line")
            self.file.rename(old)
            it.send_signal(signal.SIGHUP)
            eventually(self.file.exists, "the new file")
            self.get(it, "/readyz")
            eventually(self.lines, "the second line")
        self.assertEqual([x["path"] for x in self.lines(old)], ["/healthz"])
        self.assertEqual([x["path"] for x in self.lines()], ["/readyz"])

    def test_standard_output(self):
        with Program("--log.access=-") as it:
            self.get(it, "/healthz")
            line = it.output.wait_for("healthz")
        self.assertEqual(json.loads(line)["status"], 200)

    def test_connections_that_are_open_at_the_end(self):
        with Program(f"--log.access={self.file}") as it:
            with Peer(it, "/echo") as client:
                client.send(frame(TEXT, b"hello"))
                client.receive_text()
                it.send_signal(signal.SIGTERM)
                client.close_code()
            it.wait()
            closed, = self.lines()
            self.assertEqual((closed["code"], closed["by"]), (1001, "server"))

    def test_files_that_cannot_be_opened(self):
        result = run("--port=0", f"--log.access={self.file}/none")
        self.assertEqual(result.returncode, 1, result)
        self.assertIn("log.access", result.stderr)


if __name__ == "__main__":
    unittest.main()
