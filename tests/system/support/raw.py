"""A WebSocket client that may break every rule, and two that keep them."""

import base64
import collections
import itertools
import os
import socket
import ssl
import struct

from support.program import PATIENCE

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10

Frame = collections.namedtuple("Frame", "opcode payload fin")


def handshake(path, *fields, without=()):
    """A request to open a WebSocket."""
    head = {
        "Host": "localhost",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        "Sec-WebSocket-Version": "13",
    }
    lines = [f"{k}: {v}" for k, v in head.items() if k not in without]
    lines = [f"GET {path} HTTP/1.1", *lines, *fields, "", ""]
    return "\r\n".join(lines).encode()


def frame(opcode, payload=b"", *, fin=True, rsv=0, masked=True, length=None,
          width=None):
    """One frame. `length` announces another length than that of the payload,
    `width` (7, 16 or 64) another encoding of it than the shortest."""
    length = len(payload) if length is None else length
    width = width or (7 if length < 126 else 16 if length < 2**16 else 64)
    code = {7: length, 16: 126, 64: 127}[width]
    head = struct.pack("!BB", fin << 7 | rsv << 4 | opcode, masked << 7 | code)
    head += {7: b"", 16: struct.pack("!H", length % 2**16),
             64: struct.pack("!Q", length)}[width]
    if not masked:
        return head + payload
    key = os.urandom(4)
    pad = (key * (len(payload) // 4 + 1))[:len(payload)]
    mask = int.from_bytes(pad, "little") ^ int.from_bytes(payload, "little")
    return head + key + mask.to_bytes(len(payload), "little")


def event(name, tag, data):
    """An event; `tag` is the kind of its data, as docs/protocol.md has them."""
    return frame(TEXT, f"m:{name};{tag};{data}".encode())


def close_payload(code, reason=b""):
    return struct.pack("!H", code) + reason


class Wire:
    """A TCP connection to a program, with TLS if that has a certificate; with
    `address`, as if from there, by a header of the PROXY protocol."""

    def __init__(self, program, receive_buffer=None, address=None):
        family = socket.AF_INET6 if ":" in program.host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.settimeout(PATIENCE)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF,
                                   receive_buffer)
        try:
            self.socket.connect((program.host, program.port))
        except OSError:
            self.socket.close()
            raise
        self.port = self.socket.getsockname()[1]
        self._input = bytearray()
        if address:
            version, host = (("TCP6", "::1") if ":" in address
                             else ("TCP4", "127.0.0.1"))
            self.send(f"PROXY {version} {address} {host} 4000 80\r\n".encode())
        if program.authority:
            self.socket = program.authority.trusting().wrap_socket(
                self.socket, server_hostname="localhost")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """@returns whether the server still took it."""
        try:
            self.socket.sendall(data)
            return True
        except (ConnectionResetError, BrokenPipeError, ssl.SSLEOFError):
            return False

    def reset(self):
        """Dies without a word: the server gets RST instead of FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                               struct.pack("ii", 1, 0))
        self.socket.close()

    def read_to_end(self):
        """@returns all that comes until the server ends the connection."""
        while self._fill():
            assert len(self._input) < 2**24, "there is no end to it"
        result = bytes(self._input)
        self._input.clear()
        return result

    def read_head(self):
        """@returns the head of an HTTP answer, or what came instead."""
        while b"\r\n\r\n" not in self._input and self._fill():
            pass
        head, _, rest = bytes(self._input).partition(b"\r\n\r\n")
        self._input[:] = rest
        return head.decode("latin-1")

    def _fill(self):
        try:
            data = self.socket.recv(2**18)
        except ConnectionResetError:
            data = b""
        self._input += data
        return bool(data)

    def _take(self, size):
        """@returns None if the connection ends before."""
        while len(self._input) < size:
            if not self._fill():
                return None
        result = bytes(self._input[:size])
        del self._input[:size]
        return result


class Peer(Wire):
    """A client whose WebSocket is open."""

    def __init__(self, program, path, **options):
        super().__init__(program, **options)
        self.send(handshake(path))
        head = self.read_head()
        assert head.startswith("HTTP/1.1 101 "), head

    def send_text(self, text):
        self.send(frame(TEXT, text.encode()))

    def receive(self):
        """@returns the next frame, or None at the end of the connection."""
        head = self._take(2)
        if head is None:
            return None
        assert head[0] & 0x70 == 0, "a reserved bit"
        assert head[1] & 0x80 == 0, "a masked frame"
        length = head[1]
        if length >= 126:
            more = self._take(2 if length == 126 else 8)
            length = int.from_bytes(more, "big")
        payload = self._take(length)
        if payload is None:
            return None
        return Frame(head[0] & 15, payload, head[0] > 127)

    def echo(self, text):
        self.send_text(text)
        assert self.receive_text() == text

    def receive_text(self):
        """@returns the next message; answers pings meanwhile."""
        while (got := self.receive()) and got.opcode == PING:
            self.send(frame(PONG, got.payload))
        assert got and got.opcode == TEXT and got.fin, got
        return got.payload.decode()

    def read_until(self, text):
        """Reads on until this message comes. @returns those before it."""
        before = []
        while (got := self.receive_text()) != text:
            before.append(got)
        return before

    def close_code(self):
        """Reads until the server closes, and answers that. @returns the code of
        its close frame, 0 for one without, None if there is no close frame."""
        while got := self.receive():
            if got.opcode == CLOSE:
                self.send(frame(CLOSE, got.payload))
                assert self.receive() is None, "a frame after the close frame"
                return int.from_bytes(got.payload[:2], "big")
        return None


class Bystanders:
    """Two who chat in a room and must notice nothing of what others do."""

    def __init__(self, program, room="/rooms/lobby"):
        self._messages = (f"message {i}" for i in itertools.count())
        self.people = [Peer(program, room)]
        self.chat()
        self.people.append(Peer(program, room))
        # Who sees an own message has joined.
        self.people[1].send_text("here I am")
        for x in self.people:
            x.read_until("here I am")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for x in self.people:
            x.socket.close()

    def chat(self):
        """Each says something; all must get that, and nothing else."""
        for speaker in self.people:
            said = next(self._messages)
            speaker.send_text(said)
            heard = [x.receive_text() for x in self.people]
            assert heard == [said] * len(heard), (said, heard)
