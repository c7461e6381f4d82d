"""The sample chat behind a proxy, for tests in JavaScript. Writes the proxy's
port and the file of its certificate authority, and ends with standard input."""

import sys
import tempfile

from support.program import Program
from support.proxies import Proxy, Site

kind = sys.argv[1]
with tempfile.TemporaryDirectory() as folder:
    site = Site(folder)
    with (Program(*site.options(kind), hosts=(), name="troupe-chat") as chat,
          Proxy(site, kind, chat.port) as proxy):
        print(proxy.port, site.authority, flush=True)
        sys.stdin.read()
