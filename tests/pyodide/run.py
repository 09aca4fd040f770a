"""Run the tests that need no socket, thread or process on a Python that Pyodide has, under Node: ``run.py VERSION``.

VERSION is that of the npm package pyodide: 314.0.7 is CPython 3.14. What is given behind it is pytest's. It needs node,
npm, pip and what these download; the package under test is the one that this Python imports.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import mailkit_xmlrpc

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDERS = ("analysis", "cli", "client", "exceptions", "model", "properties", "protocol", "transport")
#: bytes of C stack for Node, and somewhat less for V8 (in KiB): deep JSON comes to Python's own limit first
STACK, STACK_SIZE = 64 << 20, 50000


def main(version, *options):
    """Return pytest's exit code."""
    folder = Path(os.environ.get("MAILKIT_PYODIDE", tempfile.gettempdir()))
    work = folder.resolve() / ("pyodide-" + version)
    site = work / "site"
    shutil.rmtree(str(work), ignore_errors=True)
    site.mkdir(parents=True)
    npm = ["npm", "install", "--prefix", str(work), "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    subprocess.check_call(npm + ["pyodide@" + version])
    python = "{}.{}".format(version[0], version.split(".")[0][1:])
    # Only what is pure Python runs there; the dependencies of the package are among it.
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", str(site)]
    pip += ["--python-version", python, "--only-binary=:all:", "--implementation=py", "--abi=none", "--platform=any"]
    subprocess.check_call(pip + ["pytest", "hypothesis", "defusedxml", "tzdata"])
    package = Path(mailkit_xmlrpc.__file__).parent
    shutil.copytree(str(package), str(site / package.name), ignore=shutil.ignore_patterns("__pycache__"))
    node = ["node", "--stack-size={}".format(STACK_SIZE), str(Path(__file__).with_name("run.mjs"))]
    folders = [] if options else [str(ROOT / "tests" / folder) for folder in FOLDERS]
    return subprocess.call(
        node + [str(work / "node_modules" / "pyodide"), str(site), str(ROOT)] + folders + list(options),
        preexec_fn=_allow_stack,
    )


def _allow_stack():
    _, most = resource.getrlimit(resource.RLIMIT_STACK)
    resource.setrlimit(resource.RLIMIT_STACK, (STACK if most == resource.RLIM_INFINITY else min(STACK, most), most))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
