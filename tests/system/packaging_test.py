"""Files that packages and images contain, used as there."""

import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from support.program import PATIENCE, Program, program_path, run

PACKAGING = pathlib.Path(__file__).resolve().parents[2] / "packaging"


def call(*command, **env):
    return subprocess.run(command, env=env or None, capture_output=True,
                          text=True, timeout=PATIENCE, check=False)


class Units(unittest.TestCase):
    """The units for systemd, with the program of this build."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        source = PACKAGING / "systemd/troupe-chat.service.in"
        text = source.read_text()
        for name, value in (("BINDIR", program_path("troupe-chat").parent),
                            ("DOCDIR", "/usr/share/doc/troupe"),
                            ("SYSCONFDIR", "/etc")):
            text = text.replace(f"@CMAKE_INSTALL_FULL_{name}@", str(value))
        self.assertNotIn("@CMAKE", text)
        self.service = self.folder / "troupe-chat.service"
        self.service.write_text(text)
        self.socket = PACKAGING / "systemd/troupe-chat.socket"
        shutil.copy(self.socket, self.folder)

    def verify(self):
        """@returns what systemd does not like."""
        result = call("systemd-analyze", "verify", str(self.service),
                      str(self.folder / self.socket.name))
        return result.stderr + ("failed" if result.returncode else "")

    def test_systemd_accepts_them(self):
        self.assertEqual(self.verify(), "")
        with self.service.open("a") as file:
            file.write("NoSuchKey=1\n")
        self.assertIn("NoSuchKey", self.verify())

    def test_the_service_is_confined(self):
        def is_below(exposure):
            return call("systemd-analyze", "security", "--offline=yes",
                        f"--threshold={exposure}",
                        str(self.service)).returncode == 0
        self.assertTrue(is_below(20))
        self.assertFalse(is_below(5))

    def test_the_settings_are_valid(self):
        result = run("--check-config",
                     f"--config-file={PACKAGING / 'chat.conf'}",
                     name="troupe-chat")
        self.assertEqual((result.returncode, result.stderr), (0, ""))


class ManualPages(unittest.TestCase):
    """The pages of this build, which help2man makes."""

    def test_all_options(self):
        for name in ("troupe-chat", "troupe-echo", "troupe-node"):
            with self.subTest(name):
                file = program_path(name).parents[1] / "man" / f"{name}.1"
                page = call("man", "--warnings", "--local-file", str(file),
                            LC_ALL="C", MANWIDTH="200", PATH="/usr/bin:/bin")
                self.assertEqual((page.returncode, page.stderr), (0, ""))
                for title in ("NAME", "SYNOPSIS", "OPTIONS", "ENVIRONMENT"):
                    self.assertIn(f"\n{title}\n", page.stdout)
                options = re.findall(r"^  (-.*?)(?:  .*)?$",
                                     run("--help", name=name).stdout, re.M)
                self.assertIn("--ws.on-id-conflict=<reject-new|replace-old>",
                              options)
                lines = {x.strip() for x in page.stdout.splitlines()}
                self.assertEqual([x for x in options if x not in lines], [])


class HealthCheck(unittest.TestCase):

    def check_health(self, port):
        return call(str(PACKAGING / "docker/check_health.sh"),
                    PATH="/usr/bin:/bin", TROUPE_PORT=str(port)).returncode

    def test_a_server(self):
        with Program() as it:
            self.assertEqual(self.check_health(it.port), 0)
        self.assertNotEqual(self.check_health(it.port), 0)


if __name__ == "__main__":
    unittest.main()
