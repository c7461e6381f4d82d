"""Clients that send as much as the server takes, in a process of their own.

    python -m support.flooder HOST PORT CONNECTIONS [--visits]

takes two blocks of bytes from standard input, each after its length (32 bits).
It sends the first, waits for an answer, sends the second again and again and
discards what comes. Who is cut off connects again. It all ends with the server
or with standard input."""

import collections
import os
import pathlib
import select
import socket
import struct
import subprocess
import sys
import threading

BLOCK_SIZE = 2**18

# What a flooder sends: at first, and then, in whole messages, for ever. So
# many `connections` do so at a time. With `visits` each is gone, without a
# word, once it has sent the opening, and the next one comes.
Kind = collections.namedtuple("Kind", "opening block connections visits",
                              defaults=(b"", b"", 1, False))


def repeat(messages):
    """Enough of them that sending is cheap for the flooder."""
    return messages * (BLOCK_SIZE // len(messages) + 1)


class Flood:
    """A flooder at work. Use it in a `with` statement."""

    def __init__(self, program, kind):
        self._process = subprocess.Popen(
            [sys.executable, "-B", "-m", "support.flooder", program.host,
             str(program.port), str(kind.connections),
             *(["--visits"] if kind.visits else [])],
            cwd=pathlib.Path(__file__).parent.parent,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            for x in (kind.opening, kind.block):
                self._process.stdin.write(struct.pack("!I", len(x)) + x)
            self._process.stdin.flush()
            assert self._process.stdout.readline(), "the flooder is gone"
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()


class _Client:
    """One connection of a flooder."""

    _unread = bytearray(BLOCK_SIZE) # Nobody looks at it.

    def __init__(self, address, opening, block):
        self.socket = socket.create_connection(address)
        self.socket.sendall(opening)
        self.socket.setblocking(False)
        self._block = memoryview(block)
        self._left = self._block
        self.may_write = not opening

    def fileno(self):
        return self.socket.fileno()

    def read(self):
        """@returns whether the connection goes on."""
        self.may_write = True
        return self.socket.recv_into(self._unread) > 0

    def write(self):
        self._left = self._left[self.socket.send(self._left):]
        if not self._left:
            self._left = self._block


def _flood(address, opening, block, count):
    clients = [_Client(address, opening, block) for _ in range(count)]
    while True:
        readable, writable, _ = select.select(
            clients, [x for x in clients if x.may_write], [])
        for i, x in enumerate(clients):
            try:
                if x in writable:
                    x.write()
                if x not in readable or x.read():
                    continue
            except BlockingIOError:
                continue
            except (ConnectionResetError, BrokenPipeError):
                pass
            x.socket.close()
            clients[i] = _Client(address, opening, block)


def _visit(address, opening):
    reset = struct.pack("ii", 1, 0) # Else the ports are soon used up.
    while True:
        with socket.create_connection(address) as x:
            x.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
            x.send(opening)


def _end_with(stream):
    stream.read()
    os._exit(0)


def main(host, port, connections, *visits):
    stream = sys.stdin.buffer
    opening, block = (stream.read(struct.unpack("!I", stream.read(4))[0])
                      for _ in range(2))
    threading.Thread(target=_end_with, args=(stream,), daemon=True).start()
    print("flooding", flush=True)
    try:
        if visits:
            _visit((host, int(port)), opening)
        else:
            _flood((host, int(port)), opening, block, int(connections))
    except OSError:
        pass # The server is gone.


if __name__ == "__main__":
    main(*sys.argv[1:])
