"""The log of a server harms nobody, whoever reads it or does not."""

import json
import os
import resource
import tempfile
import time
import unittest

from support.program import Program, eventually
from support.raw import TEXT, Bystanders, Peer, frame


class Log(unittest.TestCase):

    def misbehave(self, program):
        with Peer(program, "/echo") as client:
            client.send(frame(TEXT, b"hello", masked=False))
            client.close_code()

    def test_a_pipe_that_nobody_reads(self):
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        try:
            while True:
                os.write(writer, b"." * 65536)
        except BlockingIOError:
            os.set_blocking(writer, True)
        with Program("--threads=2", "--log.quota=0", stderr=writer) as it:
            os.close(writer)
            with Bystanders(it) as others:
                for _ in range(300):
                    self.misbehave(it)
                others.chat()
            begin = time.monotonic()
            self.assertEqual(it.stop(), 0)
            self.assertLess(time.monotonic() - begin, 6)
        os.close(reader)

    def test_clients_that_cause_lines_without_end(self):
        with Program() as it:
            begin = time.monotonic()
            for _ in range(500):
                self.misbehave(it)
            eventually(lambda: it.log.find("lines of this kind left out"),
                       "what was left out")
            seconds = time.monotonic() - begin
            self.assertLess(len(it.log.find("closed with 1002")),
                            10 * (seconds + 2))

    def test_a_full_disk_does_not_join_lines(self):
        with (tempfile.TemporaryFile() as log,
              Program("--log.quota=0", stderr=log) as it):
            def limit(size):
                resource.prlimit(it.pid, resource.RLIMIT_FSIZE,
                                 (size, resource.RLIM_INFINITY))

            def size():
                return os.fstat(log.fileno()).st_size

            full = size() + 2000
            limit(full)
            while size() < full:
                self.misbehave(it)
            limit(resource.RLIM_INFINITY)
            self.misbehave(it)
            eventually(lambda: size() > full + 1, "another line")
            self.assertIn(b"\n", os.pread(log.fileno(), 2, full - 1))

    def test_json(self):
        with Program("--log.format=json", "--log.level=info") as it:
            with Peer(it, "/echo") as client:
                client.send(frame(TEXT, "m:\u202egnp.exe".encode()))
                client.send(frame(TEXT, b"hello", masked=False))
                client.close_code()
                port = client.port
            it.log.wait_for("1002")
            lines = [json.loads(x) for x in it.log.lines]
        for x in lines:
            self.assertIn(x["level"], ("info", "warning"))
            self.assertNotIn("\u202e", x["message"])
            self.assertTrue(x["time"].endswith("Z"))
        closed, = [x for x in lines if x["category"] == "websocket"]
        self.assertEqual(closed["remote"], f"127.0.0.1 {port}")
        connection, = [x for x in lines if x["category"] == "connection"]
        self.assertIn("@", connection["connection"])


if __name__ == "__main__":
    unittest.main()
