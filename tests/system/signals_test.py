"""SIGINT and SIGTERM end a server program, whatever its clients do."""

import pathlib
import signal
import subprocess
import threading
import time
import unittest

from support.program import PATIENCE, Program, run
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
                 Program("--ws.close-timeout=2min") as it:
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

        with Program("--ws.close-timeout=1s") as it:
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
        with Program("--ws.close-timeout=2min",
                     "--ws.max-queue-bytes=16000000") as it:
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
        with Program("--ws.close-timeout=1s",
                     "--ws.max-queue-bytes=16000000") as it:
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


class Stubborn(unittest.TestCase):
    """Actors and handlers that do not end."""

    CLOSE_TIMEOUT = 1.0

    # More than that may nobody add, on an idle machine. Half a second of it is
    # for those that take their time.
    LIMIT = CLOSE_TIMEOUT + 2.0

    def program(self, *options, close_timeout="1s"):
        return self.enterContext(Program(
            f"--ws.close-timeout={close_timeout}", *options,
            name="troupe-stubborn-probe"))

    def do(self, program, event, value="0;"):
        """Has the program do it, and waits until it has."""
        with Peer(program, "/probe") as client:
            client.send_text(f"m:{event};{value}")
            client.read_until("m:done;0;")

    def blocked(self, program):
        """Blocks the thread of a new client. @returns that client."""
        client = self.enterContext(Peer(program, "/probe"))
        client.send_text("m:block;0;")
        program.output.wait_for("^blocking$")
        return client

    def client_at(self, program, thread):
        """@returns a client that this thread of the runtime serves."""
        for _ in range(100):
            client = self.enterContext(Peer(program, "/probe"))
            client.send_text("m:thread;0;")
            number = client.receive_text().removeprefix("m:thread;1;")
            name = f"/proc/{program.pid}/task/{number}/comm"
            if pathlib.Path(name).read_text().strip() == thread:
                return client
            client.socket.close()
        self.fail(f"no client is served by {thread}")

    def ends_in_time(self, program, status=0):
        begin = time.monotonic()
        self.assertEqual(program.stop(), status, str(program.log))
        self.assertLess(time.monotonic() - begin, self.LIMIT)

    def test_a_detached_actor_that_does_not_end_is_named(self):
        it = self.program()
        self.do(it, "poller")
        self.ends_in_time(it)
        it.log.wait_for(r"actors that have not ended: "
                        r"actor \d+, poller, detached$")

    def test_actors_that_hold_themselves_are_named_up_to_16(self):
        it = self.program()
        self.do(it, "keeper", "1;20")
        self.ends_in_time(it)
        line = it.log.wait_for("actors that have not ended: ")
        self.assertRegex(line, r"(actor \d+, keeper(; | and )){16}4 more$")

    def test_a_program_without_a_port(self):
        it = self.program("--probe.worker")
        self.ends_in_time(it)
        it.log.wait_for(r"actors that have not ended: actor \d+, keeper$")

    def test_a_setup_that_fails_and_leaves_an_actor_behind(self):
        begin = time.monotonic()
        result = run("--probe.stuck-setup", "--port=0",
                     name="troupe-stubborn-probe")
        self.assertLess(time.monotonic() - begin, self.LIMIT)
        self.assertEqual(result.returncode, 1)
        self.assertIn("error: no such device\n", result.stderr)
        self.assertRegex(result.stderr, r"actor \d+, poller, detached")
        self.assertNotIn("stopping", result.stdout)

    def test_a_handler_that_does_not_return_is_named(self):
        it = self.program("--threads=1")
        self.blocked(it)
        self.ends_in_time(it)
        it.log.wait_for(r"thread 0 is held by actor \d+, troupe.connection$")

    def test_a_handler_that_does_not_return_keeps_nobody_on_other_threads(self):
        it = self.program("--threads=2")
        other = self.client_at(it, "troupe.0")
        # The registry's thread goes on.
        stuck = self.client_at(it, "troupe.1")
        stuck.send_text("m:block;0;")
        it.output.wait_for("^blocking$")
        before = len(it.output.find("^disconnected$"))
        it.send_signal(signal.SIGTERM)
        self.assertEqual(other.close_code(), 1001)
        self.assertEqual(it.wait(), 0)
        it.log.wait_for("thread 1 is held by actor")
        it.kill() # Now its output is complete.
        self.assertGreater(len(it.output.find("^disconnected$")), before)

    def test_a_second_signal_ends_it_at_once(self):
        for which in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(which):
                it = self.program("--threads=1", close_timeout="2min")
                self.blocked(it)
                it.send_signal(signal.SIGTERM)
                it.output.wait_for("^stopping$")
                it.send_signal(which)
                self.assertEqual(it.wait(), 128 + which)
                it.log.wait_for(f"{which.name} again: the process ends")

    def test_hooks_are_called_in_order_and_one_that_throws_is_logged(self):
        it = self.program("--probe.broken-hook")
        self.ends_in_time(it)
        it.log.wait_for("on_stop threw: the hook is broken$")
        it.kill()
        self.assertEqual(it.output.lines[1:], ["stopping", "stopping, too"])

    def test_a_hook_that_does_not_return(self):
        it = self.program("--probe.stuck-hook")
        self.ends_in_time(it)

    def test_who_is_linked_to_the_lifeline_ends_with_the_app(self):
        it = self.program(close_timeout="2min")
        self.do(it, "guest")
        begin = time.monotonic()
        self.assertEqual(it.stop(), 0)
        self.assertLess(time.monotonic() - begin, self.LIMIT)
        it.kill()
        self.assertEqual(len(it.output.find("a guest was told")), 1)
        self.assertEqual(it.log.lines, [])

    def test_nobody_who_is_linked_to_the_lifeline_ends_it(self):
        it = self.program()
        self.do(it, "attack")
        self.do(it, "guest")
        self.assertEqual(it.output.find("a guest was told"), [])
        self.ends_in_time(it)
        self.assertEqual(it.log.lines, [])

    def test_the_loss_of_a_registry_ends_the_program_with_1(self):
        it = self.program("--threads=1")
        with Peer(it, "/probe") as client:
            client.send_text("m:lose_registry;0;")
            self.assertEqual(it.wait(), 1)
        it.log.wait_for("error the registry of endpoint /probe has ended")

    def test_who_has_lost_a_registry_does_not_claim_to_be_well(self):
        # A hook that keeps the port open meanwhile.
        it = self.program("--threads=1", "--probe.stuck-hook",
                          close_timeout="5s")
        request = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        with Wire(it) as well:
            well.send(request)
            self.assertIn(" 200 ", well.read_head())
        client = self.enterContext(Peer(it, "/probe"))
        client.send_text("m:lose_registry;0;")
        it.log.wait_for("the registry of endpoint /probe has ended")
        for question in (request, handshake("/probe")):
            with Wire(it) as failed:
                failed.send(question)
                self.assertIn(" 503 ", failed.read_head())
        self.assertEqual(it.wait(), 1)


if __name__ == "__main__":
    unittest.main()
