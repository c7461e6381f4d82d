"""Proxies in front of a program of troupe, configured as
docs/guide/deployment.md shows: only folders, ports and time limits differ."""

import http.client
import os
import pathlib
import random
import re
import shlex
import shutil
import socket
import subprocess
import textwrap

import websockets

from support.authority import Authority
from support.program import PATIENCE, eventually

GUIDE = pathlib.Path(__file__).parents[3] / "docs/guide/deployment.md"
NAME = "chat.example.org"
ADDRESS = "127.0.0.1" # Of all proxies and programs.

# What each proxy needs around the guide's configuration.
FRAMES = {
    "nginx": """
        daemon off;
        pid nginx.pid;
        error_log stderr;
        events {{}}
        http {{
          access_log off;
          client_body_temp_path body;
          proxy_temp_path proxy;
          fastcgi_temp_path fastcgi;
          uwsgi_temp_path uwsgi;
          scgi_temp_path scgi;
          {block}
        }}
        """,
    "haproxy": """
        global
          maxconn 200
          nbthread 1
        {block}
        """,
    "caddy": """
        {{
          admin off
          auto_https disable_redirects
          default_bind {address}
          https_port {port}
        }}
        {block}
        """,
}

COMMANDS = {
    "nginx": "/usr/sbin/nginx -p {folder} -e stderr -c {file}",
    "haproxy": "/usr/sbin/haproxy -db -f {file}",
    "caddy": "/usr/bin/caddy run --adapter caddyfile --config {file}",
}

# Where the guide's configuration for a path belongs, and what it replaces.
PATH_PLACES = {
    "nginx": r"^  location / \{.*?^  \}\n",
    "haproxy": r"(?<=^backend chat\n)",
    "caddy": r"^  reverse_proxy .*?\n",
}

# Settings that tests shorten.
IDLE_LIMITS = "proxy_read_timeout|timeout client|timeout server|timeout tunnel"
CHECK_INTERVAL = "inter"


def block(mark):
    """The block of the guide after a mark."""
    return re.search(rf"<!-- proxy: {mark} -->\n```\w+\n(.*?)```",
                     GUIDE.read_text(), re.S)[1]


def free_port():
    """A port below those that the kernel selects for others."""
    while True:
        port = random.randrange(10000, 32768)
        with socket.socket() as it:
            try:
                it.bind((ADDRESS, port))
            except OSError:
                continue
            return port


class Site:
    """A host with the files that the guide names, in a folder instead of /etc."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        authority = Authority(self.folder / "ca", NAME)
        self.authority = authority.ca
        self.trust = authority.trusting()
        certificate, key = (authority.folder / (NAME + x)
                            for x in (".pem", ".key"))
        for place in ("ssl", "haproxy"):
            (self.folder / place).mkdir()
        shutil.copy(certificate, self.folder / "ssl/chat.pem")
        shutil.copy(key, self.folder / "ssl/chat.key")
        (self.folder / "haproxy/chat.pem").write_text(
            certificate.read_text() + key.read_text())
        self.give_away(self.folder)

    def options(self, kind):
        """The options of the guide for troupe behind a proxy of this kind."""
        mark = "options tcp" if kind == "haproxy tcp" else "options"
        words = shlex.split(block(mark).replace("\\\n", " "))
        return [self.relocate(x) for x in words[1:]
                if not x.startswith("--port=")]

    def relocate(self, text):
        return text.replace("/etc/", f"{self.folder}/")

    @staticmethod
    def give_away(folder):
        """Lets proxies, which do not run as root, use a folder."""
        if os.geteuid() == 0:
            for place, _, files in os.walk(folder):
                for x in (place, *(os.path.join(place, x) for x in files)):
                    shutil.chown(x, "nobody", "nogroup")


class Proxy:
    """One of the guide's proxies. Use it in a `with` statement."""

    def __init__(self, site, kind, target, *, path=False, shorten="", by=1):
        """Forwards to the port `target`, under the guide's path if `path` is
        set. The time spans `shorten` are shorter by the factor `by`."""
        self._site, self._kind = site, kind
        self._tool = kind.partition(" ")[0]
        self._folder = site.folder / f"{self._tool}-{os.urandom(4).hex()}"
        self._folder.mkdir()
        text = block(kind)
        if path:
            text = self._under_path(text)
        text = re.sub(r"127\.0\.0\.1:\d+", f"{ADDRESS}:{target}", text)
        self._block = re.sub(rf"\b({shorten}) (\d+)s\b",
                             lambda x: f"{x[1]} {int(x[2]) * 1000 // by}ms",
                             text) if shorten else text
        for _ in range(3): # The port may be taken meanwhile.
            if self._starts():
                return
        raise AssertionError(f"{kind} does not start: {self.log()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        finally:
            self._process.kill()

    def log(self):
        return (self._folder / "log").read_text()

    def connect(self, client=ADDRESS):
        """A TLS connection from the address `client`."""
        it = socket.create_connection((ADDRESS, self.port), PATIENCE,
                                      source_address=(client, 0))
        try:
            return self._site.trust.wrap_socket(it, server_hostname=NAME)
        except BaseException:
            it.close()
            raise

    def get(self, path, client=ADDRESS, **fields):
        """@returns status and body."""
        it = http.client.HTTPConnection(NAME)
        it.sock = self.connect(client)
        try:
            it.request("GET", path, headers=fields)
            answer = it.getresponse()
            return answer.status, answer.read()
        finally:
            it.close()

    def open(self, path, client=ADDRESS, **options):
        """A WebSocket from the address `client`."""
        return websockets.connect(
            f"wss://{NAME}{path}", host=ADDRESS, port=self.port,
            local_addr=(client, 0), ssl=self._site.trust, server_hostname=NAME,
            open_timeout=PATIENCE, **options)

    def _under_path(self, text):
        part = block(f"{self._kind} path")
        result, count = re.subn(PATH_PLACES[self._tool], lambda _: part, text,
                                flags=re.M | re.S)
        assert count == 1, text
        return result

    def _starts(self):
        """@returns whether the proxy serves a port."""
        self.port = free_port()
        text = re.sub(r"\b(listen|bind) :?443", rf"\1 {ADDRESS}:{self.port}",
                      self._block)
        file = self._folder / "config"
        file.write_text(textwrap.dedent(FRAMES[self._tool]).format(
            block=self._site.relocate(text), port=self.port, address=ADDRESS))
        self._site.give_away(self._folder)
        user = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        with (self._folder / "log").open("w") as log:
            self._process = subprocess.Popen(
                shlex.split(COMMANDS[self._tool].format(folder=self._folder,
                                                        file=file)),
                env=os.environ | {"HOME": str(self._folder)},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                **(user if os.geteuid() == 0 else {}))
        has_ended = lambda: self._process.poll() is not None
        try:
            eventually(lambda: has_ended() or self._is_open(),
                       f"{self._kind} runs")
        except BaseException:
            self._process.kill()
            raise
        return not has_ended()

    def _is_open(self):
        try:
            socket.create_connection((ADDRESS, self.port)).close()
            return True
        except ConnectionRefusedError:
            return False
