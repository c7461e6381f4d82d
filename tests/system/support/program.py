"""A program of troupe, run as its users run it."""

import io
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import threading
import time
import urllib.parse

from support.authority import Authority

# Seconds. What takes no time at all may take this long on a busy machine.
PATIENCE = 30.0

# Most requests of tests are for no host that exists.
ANY_HOST = "--http.allowed-hosts=*"


def eventually(probe, what, timeout=PATIENCE):
    """Calls `probe` until it returns something true, and returns that."""
    deadline = time.monotonic() + timeout
    while not (result := probe()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout:g} s: {what}")
        time.sleep(0.01)
    return result


def run(*options, name="troupe-echo", env=None):
    """Runs a program that should end by itself."""
    return subprocess.run([program_path(name), *options], env=_environment(env),
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=PATIENCE, check=False)


def is_sanitized(name):
    """Whether a program is built with AddressSanitizer."""
    return b"__asan_init" in pathlib.Path(program_path(name)).read_bytes()


class Program:
    """A server on a port of its own. Use it in a `with` statement, which ends
    it and checks that it ends well."""

    def __init__(self, *options, name="troupe-echo", port=0, env=None,
                 stderr=subprocess.PIPE, before=None, under=(), pass_fds=(),
                 hosts=(ANY_HOST,)):
        """`under` is a command that runs it, such as a profiler. The program
        inherits the descriptors `pass_fds`. `hosts` is the option that says
        which hosts it serves. If TROUPE_TEST_TLS is set, it has a certificate,
        and `authority` is not None."""
        self.authority, self._folder = None, None
        if os.environ.get("TROUPE_TEST_TLS"):
            self._folder = tempfile.TemporaryDirectory()
            self.authority = Authority(self._folder.name)
            options = (*self.authority.options(), *options)
        self._process = subprocess.Popen(
            [*under, program_path(name), f"--port={port}", *hosts, *options],
            env=_environment(env), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=stderr, encoding="utf-8",
            errors="backslashreplace", preexec_fn=before,
            pass_fds=pass_fds)
        self.output = _Lines(self._process.stdout)
        self.log = _Lines(self._process.stderr or io.StringIO())
        try:
            self.url = self._first_line()
        except BaseException:
            self.kill()
            raise
        where = urllib.parse.urlsplit(self.url)
        self.scheme, self.host, self.port = (where.scheme, where.hostname,
                                             where.port)

    def __enter__(self):
        return self

    def __exit__(self, kind, _value, _trace):
        try:
            if kind is None and self._process.returncode is None:
                status = self.stop()
                assert status == 0, f"ended with {status}: {self.log}"
        finally:
            self.kill()

    @property
    def pid(self):
        return self._process.pid

    def ws(self, path):
        """The URL of a WebSocket endpoint."""
        return "ws" + self.url.removeprefix("http") + path

    def send_signal(self, which):
        self._process.send_signal(which)

    def wait(self, timeout=PATIENCE):
        """@returns the exit status."""
        return self._process.wait(timeout)

    def stop(self, which=signal.SIGTERM):
        self.send_signal(which)
        return self.wait()

    def kill(self):
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self.output.close()
        self.log.close()
        if self._folder:
            self._folder.cleanup()

    def status(self, field):
        """A number from /proc, e.g. "VmRSS" (in KiB) or "Threads"."""
        text = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(rf"^{field}:\s+(\d+)", text, re.M)[1])

    def open_files(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def _first_line(self):
        has_ended = lambda: self._process.poll() is not None
        eventually(lambda: self.output.lines or has_ended(), "the first line")
        line = self.output.lines[0] if self.output.lines else ""
        match = re.fullmatch(r"listening on (https?://\S+:\d+)|running", line)
        if not match:
            self.kill() # Then the log is complete.
            raise AssertionError(f"the first line is {line!r}: {self.log}")
        return match[1] or "" # A program without a port.


class _Lines:
    """What a program has written so far; never lets it wait for a reader."""

    def __init__(self, stream):
        self.lines = []
        self._stream = stream
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __str__(self):
        return "\n".join(self.lines)

    def find(self, pattern):
        """@returns the lines that match."""
        return [x for x in list(self.lines) if re.search(pattern, x)]

    def wait_for(self, pattern):
        """@returns the first line that matches, as soon as there is one."""
        return eventually(lambda: self.find(pattern),
                          f"a line like {pattern!r} among\n{self}")[0]

    def close(self):
        self._reader.join()
        self._stream.close()

    def _read(self):
        for line in self._stream:
            self.lines.append(line.rstrip("\n"))


def program_path(name):
    return pathlib.Path(os.environ["TROUPE_BIN_DIR"]) / name


def _environment(extra):
    """Ours without settings for the programs."""
    others = {k: v for k, v in os.environ.items()
              if not k.startswith("TROUPE_")}
    return others | (extra or {})
