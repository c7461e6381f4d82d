#!/usr/bin/env python3
"""Checks that the code in README.md and docs/ compiles.

A ```cpp block with an `#include` or `int main` is a program and is compiled as
it is. Any other block has a comment before it that names its context:

    <!-- snippet: in setup -->
    <!-- snippet: in setup(troupe::app& app, caf::actor users) -->

The block is then the body of a function with the parameters in CONTEXTS or in
the comment. Further comments:

    <!-- snippet: declarations -->   the block is at namespace scope, and later
                                     blocks of the page can use its declarations
    <!-- snippet: given CODE -->     a declaration that the page does not show
    <!-- snippet: none: REASON -->   the block is not checked

```js blocks, and the scripts in ```html blocks, are checked by `node --check` as
modules. Decision records are exempt, since their code is not updated.
"""

import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).resolve().parent.parent
EXEMPT = "docs/decisions/"

# The compile options of users of troupe::troupe, and a warning about ignored
# results.
COMPILER = [os.environ.get("CXX", "g++"), "-std=c++20", "-fsyntax-only",
            "-Werror=unused-result",
            "-I", str(ROOT / "include"), "-DCAF_ENABLE_ACTOR_PROFILER"]

# Contexts of blocks that are not programs: function names and parameters.
CONTEXTS = {
    "main": "int argc, char** argv",
    "setup": "troupe::app& app",
    "on_connection": "troupe::connection& c",
    "handler": "troupe::connection& me, const std::string& text",
    "actor": "caf::event_based_actor& self, troupe::server& server",
    "thread": "troupe::server& server",
}

PRELUDE = """#include <troupe/beast.hpp>
#include <troupe/troupe.hpp>
"""

FENCE = re.compile(r" *```(\S*)")
COMMENT = re.compile(r" *<!-- snippet: (.*) -->")
CONTEXT = re.compile(r"in (\w+)(?:\((.*)\))?")
INCLUDE = re.compile(r"^#include [<\"].*[>\"]$")
SCRIPT = re.compile(r"<script[^>]*>(.*?)</script>", re.S)
SYNONYMS = {"c++": "cpp", "cc": "cpp", "cxx": "cpp", "javascript": "js",
            "mjs": "js"}

# These macros open namespace caf, so their block cannot be in a namespace.
GLOBAL = re.compile(r"^CAF_(BEGIN_TYPE_ID_BLOCK|ALLOW_UNSAFE_MESSAGE_TYPE)",
                    re.M)


@dataclass
class Block:
    page: str
    line: int  # of the first line of code
    language: str
    mark: str  # the context, from the comment before the block
    given: str
    code: str

    def place(self):
        return f"{self.page}:{self.line}"

    def is_program(self):
        return bool(re.search(r"^(#include|int main)", self.code, re.M))


class Refused(Exception):
    """Raised for a block that cannot be compiled."""


def blocks_of(page, text):
    """Yields all fenced blocks of a page."""
    lines = text.splitlines()
    mark, given, begin, language = "", "", None, ""
    for number, line in enumerate(lines, 1):
        fence = FENCE.fullmatch(line)
        if begin is not None:
            if fence and not fence[1]:
                code = dedent("\n".join(lines[begin:number - 1])) + "\n"
                yield Block(page, begin + 1, language, mark, given, code)
                mark, given, begin = "", "", None
        elif fence:
            begin, language = number, fence[1]
        elif comment := COMMENT.fullmatch(line):
            if comment[1].startswith("given "):
                given += comment[1].removeprefix("given ") + "\n"
            else:
                mark = comment[1]
        elif line:
            mark, given = "", ""


def pages():
    for file in [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]:
        name = file.relative_to(ROOT).as_posix()
        if not name.startswith(EXEMPT):
            yield name, file.read_text(encoding="utf-8")


def all_blocks():
    for page, text in pages():
        for block in blocks_of(page, text):
            if block.language in SYNONYMS:
                raise Refused(f"{block.place()}: call this language "
                              f"{SYNONYMS[block.language]}")
            if block.mark.startswith("none: "):
                continue
            if block.language in ("cpp", "js", "html"):
                yield block


# -- C++ ----------------------------------------------------------------------

def split_includes(code):
    """Returns the includes, and the rest with the same number of lines."""
    includes, rest = [], []
    for line in code.splitlines():
        is_include = INCLUDE.match(line)
        includes += [line] if is_include else []
        rest.append("" if is_include else line)
    return includes, "\n".join(rest) + "\n"


def body_of(block):
    """Returns the block in its context."""
    _, code = split_includes(block.code)
    code = f'#line {block.line} "{block.page}"\n{code}'
    if block.is_program() or block.mark == "declarations":
        return code
    context = CONTEXT.fullmatch(block.mark)
    if not context or context[1] not in CONTEXTS:
        raise Refused(f"{block.place()}: needs a context, such as "
                      "<!-- snippet: in setup -->: "
                      f"{', '.join(CONTEXTS)} or declarations")
    parameters = context[2] or CONTEXTS[context[1]]
    result = "int" if context[1] == "main" else "void"
    return (f"{block.given}{result} {context[1]}({parameters}) {{\n"
            f"{code}}}\n")


def translation_unit(blocks):
    """Puts each page into a namespace, and each block except declarations into
    a nested one, so that later blocks can use the declarations."""
    includes, code = {}, ""
    for block in blocks:
        includes.update(dict.fromkeys(split_includes(block.code)[0]))
        page = re.sub(r"\W", "_", block.page)
        inner = body_of(block)
        if block.mark != "declarations":
            inner = f"namespace line_{block.line} {{\n{inner}}}\n"
        code += f"namespace {page} {{\n{inner}}}\n"
    return PRELUDE + "\n".join(includes) + "\n" + code


def units(blocks):
    """Yields translation units: one for all blocks except those that open
    namespace caf, and one for each of these."""
    together = [x for x in blocks if not GLOBAL.search(x.code)]
    if together:
        yield translation_unit(together)
    for block in blocks:
        if GLOBAL.search(block.code):
            yield "\n".join([PRELUDE, *split_includes(block.code)[0],
                             body_of(block)])


def compile_unit(unit):
    result = subprocess.run([*COMPILER, "-x", "c++", "-"], input=unit,
                            text=True, capture_output=True, check=False)
    return result.stderr if result.returncode != 0 else ""


# -- JavaScript ---------------------------------------------------------------

def scripts_of(block):
    """Yields the scripts of a block, each with its first line number."""
    if block.language == "js":
        yield block.line, block.code
        return
    for x in SCRIPT.finditer(block.code):
        yield block.line + block.code.count("\n", 0, x.start(1)), x[1]


def check_scripts(block):
    complaints = ""
    for line, script in scripts_of(block):
        with tempfile.NamedTemporaryFile("w", suffix=".mjs") as file:
            file.write(script)
            file.flush()
            result = subprocess.run(["node", "--check", file.name], text=True,
                                    capture_output=True, check=False)
        if result.returncode != 0:
            complaints += f"{block.page}:{line}: {result.stderr}"
    return complaints


def main():
    try:
        blocks = list(all_blocks())
        cpp = [x for x in blocks if x.language == "cpp"]
        jobs = [(compile_unit, x) for x in units(cpp)]
        jobs += [(check_scripts, x) for x in blocks if x.language != "cpp"]
    except Refused as why:
        print(why, file=sys.stderr)
        return 1
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        complaints = list(pool.map(lambda job: job[0](job[1]), jobs))
    sys.stderr.write("".join(complaints))
    print(f"{len(blocks)} blocks in {len({x.page for x in blocks})} pages")
    return 1 if any(complaints) else 0


if __name__ == "__main__":
    sys.exit(main())
