"""HAProxy in front of several programs, as docs/guide/deployment.md shows."""

import csv
import io
import os
import pathlib
import socket
import subprocess
import tempfile

from support.program import PATIENCE, eventually

CONFIG = """
global
  stats socket {folder}/admin level admin
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
  timeout tunnel 120s
  timeout check 20s
  retries 3
  option redispatch 1
  retry-on conn-failure empty-response 503
frontend clients
  bind fd@{fd}
  default_backend nodes
backend nodes
  balance leastconn
  option httpchk GET /readyz
  http-response set-header X-Node %s
  default-server check inter 100ms fall 1 rise 1
{servers}
"""


class Balancer:
    """Passes each connection to the ready program with the fewest. The header
    field X-Node of a response names the program."""

    def __init__(self, programs):
        """`programs` are those to choose from, by name. Their ports stay."""
        self._folder = tempfile.TemporaryDirectory()
        with socket.create_server(("127.0.0.1", 0), backlog=4096) as door:
            self.host, self.port = door.getsockname()
            config = pathlib.Path(self._folder.name) / "haproxy.cfg"
            config.write_text(CONFIG.format(
                folder=self._folder.name, fd=door.fileno(),
                servers="\n".join(f"  server {name} {x.host}:{x.port}"
                                  for name, x in programs.items())))
            self._process = subprocess.Popen(
                ["haproxy", "-db", "-q", "-f", config],
                stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                pass_fds=[door.fileno()])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait(PATIENCE)
        self._folder.cleanup()

    def await_state(self, name, state):
        """Waits until a program is "UP" or "DOWN", or "no check" was made."""
        eventually(lambda: self.figures(name)["status"] == state,
                   f"{name} is {state}")

    def figures(self, name):
        """@returns what HAProxy counts of a program."""
        rows = csv.DictReader(io.StringIO(self._ask("show stat").lstrip("# ")))
        return next(x for x in rows
                    if x["pxname"] == "nodes" and x["svname"] == name)

    def _ask(self, question):
        path = os.path.join(self._folder.name, "admin")
        eventually(lambda: os.path.exists(path), "HAProxy's socket")
        with socket.socket(socket.AF_UNIX) as it:
            it.settimeout(PATIENCE)
            it.connect(path)
            it.sendall(question.encode() + b"\n")
            return b"".join(iter(lambda: it.recv(2**16), b"")).decode()
