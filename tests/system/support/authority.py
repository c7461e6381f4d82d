"""A certificate authority for tests."""

import pathlib
import ssl
import subprocess

MAKE_CA = pathlib.Path(__file__).parents[3] / "scripts/make_test_ca.sh"


class Authority:
    """A certificate authority in a folder."""

    def __init__(self, folder, name="localhost"):
        self.folder = pathlib.Path(folder)
        self.ca = self.folder / "ca.pem"
        self.add(name)

    def add(self, name):
        subprocess.run([MAKE_CA, self.folder, name], check=True,
                       capture_output=True)

    def replace(self, name):
        for kind in (".pem", ".key"):
            (self.folder / (name + kind)).unlink()
        self.add(name)

    def options(self, name="localhost"):
        return [f"--tls.certificate={self.folder / name}.pem",
                f"--tls.key={self.folder / name}.key"]

    def trusting(self):
        return ssl.create_default_context(cafile=self.ca)
