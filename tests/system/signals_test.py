"""SIGINT and SIGTERM end a server program, whatever its clients do."""

import signal
import subprocess
import threading
import time
import unittest

from support.program import PATIENCE, Program
from support.raw import BINARY, CLOSE, TEXT, Bystanders, Peer, Wire
from support.raw import close_payload, frame, handshake


class Signals(unittest.TestCase):

    QUICK = 4.0  # Seconds, for what takes no time on an idle machine.

    def connect(self, program, *paths):
        return [self.enterContext(Peer(program, x)) for x in paths]

    def stop(self, program, which=signal.SIGTERM):
        begin = time.monotonic()
        self.assertEqual(program.stop(which), 0, str(program.log))
        return time.monotonic() - begin

    def test_without_clients(self):
        for which in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(which), Program() as it:
                self.assertLess(self.stop(it, which), self.QUICK)
                self.assertEqual(it.log.lines, [])

    def test_clients_are_told_1001(self):
        for which in (signal.SIGINT, signal.SIGTERM):
            # A time-out longer than the test: nothing may wait for it.
            with self.subTest(which), \
                 Program("--troupe.close-timeout=2min") as it:
                clients = self.connect(it, "/echo", "/rooms/a", "/rooms/a")
                it.send_signal(which)
                for x in clients:
                    self.assertEqual(x.close_code(), 1001)
                    x.socket.close()
                self.assertEqual(it.wait(), 0)
                with self.assertRaises(ConnectionRefusedError):
                    Wire(it)

    def test_under_traffic(self):
        def chatter(client, codes):
            for n in range(10**9):
                # One out for each one in that is ours, or so.
                if n % 8 == 0:
                    client.send_text("x" * 100)
                got = client.receive()
                if got.opcode == CLOSE:
                    codes.append(got.payload[:2])
                    client.send(frame(CLOSE, got.payload))
                    return

        with Program("--troupe.close-timeout=1s") as it:
            codes = []
            clients = self.connect(it, *["/rooms/busy"] * 8)
            threads = [threading.Thread(target=chatter, args=(x, codes))
                       for x in clients]
            for x in threads:
                x.start()
            with Bystanders(it, "/rooms/other") as others:
                for _ in range(20):
                    others.chat()
            self.assertLess(self.stop(it), 1 + self.QUICK)
            for x in threads:
                x.join()
            self.assertEqual(codes, [close_payload(1001)] * len(threads))

    def test_what_was_sent_arrives_before_1001(self):
        """Also at a client that takes its time, up to the time-out."""
        count = 200 # 12 MB: more than the kernel takes.
        with Program("--troupe.close-timeout=2min",
                     "--troupe.max-queue-bytes=16000000") as it:
            late = self.enterContext(Peer(it, "/rooms/a", receive_buffer=4096))
            late.send_text("here I am")
            late.read_until("here I am")
            early, = self.connect(it, "/rooms/a")
            for _ in range(count):
                early.send(frame(BINARY, bytes(60000)))
            for _ in range(count): # Now it is on its way to the other, too.
                self.assertEqual(early.receive().opcode, BINARY)
            it.send_signal(signal.SIGTERM)
            self.assertEqual(early.close_code(), 1001)
            early.socket.close()
            late.send_text("still typing")
            with self.assertRaises(subprocess.TimeoutExpired):
                it.wait(0.5) # It should wait for the other.
            for _ in range(count):
                self.assertEqual(len(late.receive().payload), 60000)
            self.assertEqual(late.close_code(), 1001)
            late.socket.close()
            self.assertEqual(it.wait(), 0)

    def test_clients_that_never_answer(self):
        with Program("--troupe.close-timeout=1s",
                     "--troupe.max-queue-bytes=16000000") as it:
            self.connect(it, *["/rooms/a"] * 10)
            # One more whose output the server cannot even get rid of.
            stuck = self.enterContext(Peer(it, "/echo", receive_buffer=2048))
            for _ in range(200): # 12 MB: more than the kernel takes.
                stuck.send(frame(BINARY, bytes(60000)))
            self.assertLess(self.stop(it), 1 + self.QUICK)

    def test_clients_that_come_and_go(self):
        def come_and_go(program, path, is_over, gone):
            while not is_over.is_set():
                try:
                    client = Wire(program)
                except ConnectionError:
                    continue # It has stopped.
                client.send(handshake(path))
                client.read_head()
                client.send(frame(TEXT, b"hello") * 5)
                client.reset()
                gone.release()

        for threads in (1, 2, 4):
            with self.subTest(threads), \
                 Program(f"--threads={threads}") as it:
                is_over = threading.Event()
                gone = threading.Semaphore(0)
                crowd = [threading.Thread(target=come_and_go,
                                          args=(it, path, is_over, gone))
                         for path in ("/echo", "/rooms/a", "/rooms/a")]
                for x in crowd:
                    x.start()
                for _ in range(20):
                    self.assertTrue(gone.acquire(timeout=PATIENCE))
                try:
                    self.assertLess(self.stop(it), self.QUICK)
                finally:
                    is_over.set()
                    for x in crowd:
                        x.join()

    def test_connections_that_are_no_websockets(self):
        with Program("--http.keep-alive-timeout=2min",
                     "--http.request-timeout=2min") as it:
            idle, half, answered = [self.enterContext(Wire(it))
                                    for _ in range(3)]
            half.send(handshake("/echo")[:40])
            answered.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertIn(" 200 ", answered.read_head())
            self.assertLess(self.stop(it), self.QUICK)
            for x in (idle, half, answered):
                x.read_to_end()


if __name__ == "__main__":
    unittest.main()
