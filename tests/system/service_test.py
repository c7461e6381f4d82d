"""A program under a service manager: what it reports, and the sockets that it
inherits."""

import contextlib
import fcntl
import os
import signal
import socket
import tempfile
import time
import unittest

from support.program import PATIENCE, Program, run
from support.raw import Bystanders


class NotifySocket:
    """The socket of the service manager. `name` is as in NOTIFY_SOCKET."""

    def __init__(self, name):
        self.name = name
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.settimeout(PATIENCE)
        self._socket.bind(name.replace("@", "\0"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def receive(self):
        """@returns the next message as a dict."""
        lines = self._socket.recv(4096).decode().splitlines()
        return dict(x.split("=", 1) for x in lines)


class Notifications(unittest.TestCase):

    def test_ready_and_stopping(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in (f"{folder}/notify", f"@troupe-test-{os.getpid()}"):
                with self.subTest(name), NotifySocket(name) as manager, \
                     Program(env={"NOTIFY_SOCKET": name}) as it:
                    self.assertEqual(
                        manager.receive(),
                        {"READY": "1", "STATUS": f"listening on {it.url}"})
                    it.send_signal(signal.SIGTERM)
                    self.assertEqual(manager.receive()["STOPPING"], "1")
                    self.assertEqual(it.wait(), 0)

    def test_reloading(self):
        with NotifySocket(f"@troupe-test-{os.getpid()}") as manager, \
             Program(env={"NOTIFY_SOCKET": manager.name}) as it:
            ready = manager.receive()
            for _ in range(2):
                begin = time.monotonic_ns() // 1000
                it.send_signal(signal.SIGHUP)
                message = manager.receive()
                self.assertEqual(message["RELOADING"], "1")
                self.assertLessEqual(begin, int(message["MONOTONIC_USEC"]))
                self.assertEqual(manager.receive(), ready)

    def test_stopping_is_told_before_a_drain(self):
        with NotifySocket(f"@troupe-test-{os.getpid()}") as manager, \
             Program("--drain.delay=1h",
                     env={"NOTIFY_SOCKET": manager.name}) as it:
            self.assertEqual(manager.receive()["READY"], "1")
            it.send_signal(signal.SIGTERM)
            self.assertEqual(manager.receive()["STOPPING"], "1")
            it.send_signal(signal.SIGTERM) # Ends it at once.
            self.assertEqual(it.wait(), 128 + signal.SIGTERM)

    def test_a_node_without_a_port(self):
        with NotifySocket(f"@troupe-test-{os.getpid()}") as manager, \
             Program("--cluster.listen=127.0.0.1:0", name="troupe-node",
                     env={"NOTIFY_SOCKET": manager.name}):
            self.assertEqual(manager.receive(),
                             {"READY": "1", "STATUS": "running"})

    def test_a_failed_start_is_not_ready(self):
        with NotifySocket(f"@troupe-test-{os.getpid()}") as manager, \
             Program() as other:
            result = run(f"--port={other.port}",
                         env={"NOTIFY_SOCKET": manager.name})
            self.assertEqual(result.returncode, 1)
            with Program(env={"NOTIFY_SOCKET": manager.name}) as it:
                self.assertIn(it.url, manager.receive()["STATUS"])

    def test_watchdog(self):
        limit = 0.4
        with NotifySocket(f"@troupe-test-{os.getpid()}") as manager:
            env = {"NOTIFY_SOCKET": manager.name,
                   "WATCHDOG_USEC": str(int(limit * 1e6))}
            with Program(env=env):
                self.assertEqual(manager.receive()["READY"], "1")
                start = time.monotonic()
                for _ in range(3):
                    self.assertEqual(manager.receive(), {"WATCHDOG": "1"})
                self.assertGreater(time.monotonic() - start, limit)


@contextlib.contextmanager
def listening(host="127.0.0.1"):
    """A listening socket of a service manager."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as it:
        it.bind((host, 0))
        it.listen()
        yield it


class Activated(Program):
    """A program that inherits sockets."""

    def __init__(self, *sockets, names="", pid="$$", **more):
        # Above those that the shell assigns.
        fds = [fcntl.fcntl(x, fcntl.F_DUPFD, 50) for x in sockets]
        moves = " ".join(f"{3 + i}<&{fd}" for i, fd in enumerate(fds))
        variables = (f"LISTEN_PID={pid} LISTEN_FDS={len(fds)} "
                     f"LISTEN_FDNAMES={names}")
        command = f'{variables} exec "$0" "$@" {moves}'
        try:
            super().__init__(under=["bash", "-c", command], pass_fds=fds,
                             **more)
        finally:
            for fd in fds:
                os.close(fd)


class SocketActivation(unittest.TestCase):

    def assert_serves(self, program):
        with Bystanders(program) as others:
            others.chat()

    def test_serves_at_the_socket(self):
        with listening() as it, Activated(it) as program:
            port = it.getsockname()[1]
            self.assertEqual(program.url, f"http://127.0.0.1:{port}")
            self.assert_serves(program)

    def test_serves_at_all_sockets_or_those_called_http(self):
        for names, served in (("", [1, 1]), ("http:http", [1, 1]),
                              ("other:http", [0, 1])):
            with self.subTest(names), listening() as a, listening() as b, \
                 Activated(a, b, names=names) as program:
                for x, expected in zip((a, b), served):
                    program.port = x.getsockname()[1]
                    if expected:
                        self.assert_serves(program)
                self.assertEqual(program.url.endswith(
                    f":{a.getsockname()[1]}"), bool(served[0]))

    def test_sockets_of_another_process_are_not_used(self):
        with listening() as it, Activated(it, pid="1") as program:
            self.assertNotEqual(program.port, it.getsockname()[1])
            self.assert_serves(program)

    def test_other_sockets_are_refused(self):
        with socket.socket() as it, self.assertRaises(AssertionError) as caught:
            Activated(it)
        self.assertIn("the socket of the service manager",
                      str(caught.exception))

    def test_clients_wait_while_the_program_restarts(self):
        with listening() as it:
            with Activated(it) as program:
                self.assert_serves(program)
            with socket.create_connection(it.getsockname(), PATIENCE) as client:
                client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
                               b"\r\n")
                with Activated(it) as program:
                    self.assertIn(b" 200 ", client.recv(100))
                    self.assert_serves(program)


if __name__ == "__main__":
    unittest.main()
