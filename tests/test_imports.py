"""How the package hangs together: imports point one way and cost little; the top level exports what modules declare."""
import ast
import importlib
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import pytest

import mailkit_xmlrpc
from mailkit_xmlrpc.simulator import Simulator

PACKAGE = Path(mailkit_xmlrpc.__file__).resolve().parent

#: bottom first: a module imports only what stands above it
ORDER = (
    "_version",
    "_limits",
    "_text",
    "exceptions",
    "_word",
    "vocabulary",
    "_enhanced_codes",
    "enhanced_status",
    "_kinds",
    "kind",
    "bounce",
    "campaign",
    "outcome",
    "_figures",
    "summary",
    "_database",
    "suppression",
    "_normalise",
    "_answer",
    "_marshal",
    "_columns",
    "_lane",
    "_scalars",
    "_decode",
    "_json",
    "retry",
    "_stop",
    "_deadline",
    "_rate",
    "_escape",
    "_settings",
    "_spool",
    "_gunzip",
    "_http",
    "_connection",
    "_reader",
    "_report",
    "_json_report",
    "_value",
    "_form",
    "_rows",
    "_transport",
    "_question",
    "_call",
    "_many",
    "client",
    "__init__",
    "_simulated",
    "simulator",
    "_sample",
    "_table",
    "_output",
    "_streams",
    "_command",
    "_account",
    "_filters",
    "_sqlite",
    "_earlier",
    "_bars",
    "_charts",
    "_page",
    "_progress",
    "_fetch",
    "_command_find",
    "_command_summary",
    "_command_suppress",
    "_command_report",
    "_command_explain",
    "_command_doctor",
    "_command_completion",
    "cli",
    "__main__",
)

COMMANDS = {name for name in ORDER if name.startswith("_command")} | {"_account", "_filters", "_fetch"}

#: modules that bring a whole world along or touch the outside, and who may know them
KNOWN_TO = {
    "socket": {"_connection", "simulator", "_command_doctor"},
    "select": {"_connection"},
    "ssl": {"_connection", "_call", "client"},  # client for its type only
    "xmlrpc.client": {"_transport", "_simulated"},
    "defusedxml": {"_decode", "_simulated"},
    "tempfile": {"_spool", "_streams"},
    "zlib": {"_gunzip"},
    "threading": {"_many", "_rate", "_rows", "_stop", "simulator"},
    "sqlite3": {"_database", "suppression"},  # suppression for a type only
    "jinja2": {"_page"},
    "pygal": {"_charts"},
    "socketserver": {"simulator"},
    "http.server": {"simulator"},
    "http.client": set(),
    "xmlrpc.server": set(),
    "signal": {"cli"},
    "argparse": {"cli"} | COMMANDS,
}

#: too dear for `import mailkit_xmlrpc`
LATER = (
    "xmlrpc.client",
    "http.client",
    "ssl",
    "socket",
    "email",
    "defusedxml",
    "tempfile",
    "argparse",
    "urllib.request",
)

PUBLIC = (
    "client",
    "bounce",
    "campaign",
    "outcome",
    "vocabulary",
    "enhanced_status",
    "kind",
    "summary",
    "suppression",
    "retry",
    "exceptions",
)


@lru_cache(maxsize=None)
def _imports(name):
    """(module of ours, or None; dotted name) of each import in *name*, those inside functions too."""
    found = []
    for node in ast.walk(ast.parse((PACKAGE / (name + ".py")).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level <= 1, "a flat package has no parent"
            base = ".".join(filter(None, ["mailkit_xmlrpc" if node.level else "", node.module]))
            found += ["{}.{}".format(base, alias.name) for alias in node.names]
    return [(_ours(dotted), dotted) for dotted in found]


def _ours(dotted):
    parts = dotted.split(".")
    if parts[0] != "mailkit_xmlrpc":
        return None
    return parts[1] if len(parts) > 1 and (PACKAGE / (parts[1] + ".py")).exists() else "__init__"


def test_order_names_every_module_once():
    """The order above is the package: nothing is missing, nothing is made up."""
    assert sorted(ORDER) == sorted(path.stem for path in PACKAGE.glob("*.py"))


@pytest.mark.parametrize("name", ORDER)
def test_imports_point_one_way(name):
    """No module imports one that stands at its own height or above."""
    allowed = set(ORDER[: ORDER.index(name)])
    assert {ours for ours, _ in _imports(name) if ours is not None} - allowed == set()


@pytest.mark.parametrize("library", sorted(KNOWN_TO))
def test_library_is_known_to_few(library):
    """Sockets, files, threads and parsers each have their one place."""
    users = {
        name
        for name in ORDER
        for ours, dotted in _imports(name)
        if ours is None and (dotted + ".").startswith(library + ".")
    }
    assert users <= KNOWN_TO[library]


def _python(code, tmp_path, *args):
    environment = dict(os.environ, PYTHONPATH=str(PACKAGE.parent))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code] + list(args),
        cwd=str(tmp_path),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
        timeout=60,
    )
    assert done.stderr == "" and done.returncode == 0, done.stderr
    return done.stdout


LOADED = """
import sys
before = set(sys.modules)
import mailkit_xmlrpc
{}
print("\\n".join(sorted(set(sys.modules) - before)))
"""


@pytest.mark.parametrize(
    "use",
    [
        "",
        "mailkit_xmlrpc.MailkitClient(1, 'x')",
        "import mailkit_xmlrpc.simulator; mailkit_xmlrpc.simulator.Simulator()",
        "repr(mailkit_xmlrpc.Retry()); mailkit_xmlrpc.EmailStatus.PERMANENT",
    ],
    ids=["import", "client", "simulator", "values"],
)
def test_import_is_cheap(tmp_path, use):
    """Importing the package, or making a client, loads no network, no parser and no TLS: the first call does."""
    loaded = _python(LOADED.format(use), tmp_path).split()
    assert "mailkit_xmlrpc.client" in loaded
    assert [name for name in loaded if (name + ".").startswith(tuple(later + "." for later in LATER))] == []


FIRST_CALLS = """
import sys, threading
from mailkit_xmlrpc import MailkitClient
sys.setswitchinterval(1e-6)
shared = MailkitClient(1234567, "0123456789abcdef0123456789abcdef", url=sys.argv[1])
start = threading.Barrier(16)
results = []

def work(number):
    client = shared if number % 2 else MailkitClient(1234567, "0123456789abcdef0123456789abcdef", url=sys.argv[1])
    start.wait()
    results.append(len(client.bounces(123456 + number // 2 % 2)))

threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(results))
"""


def test_first_calls_of_many_threads(tmp_path):
    """Threads that all make the first call of the process, on one client and on many, each get their answer."""
    with Simulator() as mailkit:
        assert _python(FIRST_CALLS, tmp_path, mailkit.url) == "{}\n".format([0] * 8 + [3] * 8)


# --- the top level ---------------------------------------------------------------------------------------------------


def test_top_level_exports_what_its_modules_declare():
    """``__all__`` is the version and the ``__all__`` of the public modules, each name once and the very same object."""
    declared = {"__version__": mailkit_xmlrpc.__version__}
    for name in PUBLIC:
        module = importlib.import_module("mailkit_xmlrpc." + name)
        declared.update((exported, getattr(module, exported)) for exported in module.__all__)
    assert sorted(mailkit_xmlrpc.__all__) == sorted(declared)
    assert {name: getattr(mailkit_xmlrpc, name) for name in declared} == declared


@pytest.mark.parametrize("name", PUBLIC)
def test_module_declares_all_that_it_defines(name):
    """A public class or function of a public module is in its ``__all__``, or has an underscore."""
    module = importlib.import_module("mailkit_xmlrpc." + name)
    defined = {key for key, value in vars(module).items() if getattr(value, "__module__", None) == module.__name__}
    helpers = {"quick_bounce"} if name == "bounce" else set()  # for the decoder; not part of the contract
    assert {key for key in defined if not key.startswith("_")} - helpers == set(module.__all__)


def test_exported_names_are_the_documented_ones():
    """The names that users rely on: taking one away, or adding one, is a decision and not an accident."""
    assert sorted(mailkit_xmlrpc.__all__) == [
        "ApiError",
        "Bounce",
        "BounceCategory",
        "BounceKind",
        "Campaign",
        "Combination",
        "ConfigurationError",
        "ConnectError",
        "DeadlineExceededError",
        "Delivery",
        "DisallowedIPError",
        "DomainSummary",
        "EmailStatus",
        "EnhancedStatus",
        "FaultError",
        "HTTPProtocolError",
        "HTTPStatusError",
        "IncompleteResponseError",
        "InvalidSendIdError",
        "LocalError",
        "MailkitClient",
        "MailkitError",
        "MalformedResponseError",
        "Outcome",
        "PlanRefusedError",
        "RequestTimeoutError",
        "ResponseError",
        "ResponseTooLargeError",
        "Retry",
        "Rules",
        "Summary",
        "Suppression",
        "SuppressionPlan",
        "TransportError",
        "UnauthorizedError",
        "UnexpectedShapeError",
        "UnsafeXMLError",
        "Window",
        "__version__",
        "summarize",
        "suppressions",
    ]


@pytest.mark.skipif(sys.version_info < (3, 7), reason="PEP 562 came with Python 3.7")
def test_what_many_programs_never_use_is_loaded_later(tmp_path):
    """The import brings what every call needs; rows and what is made of them come when they are asked for."""
    code = (
        "import sys, mailkit_xmlrpc; print(sorted(name for name in sys.modules if name.startswith('mailkit_xmlrpc.')))"
    )
    needed = ["_deadline", "_escape", "_limits", "_rate", "_settings", "_stop", "_version", "client", "exceptions"]
    assert _python(code, tmp_path) == "{}\n".format(["mailkit_xmlrpc." + name for name in needed + ["retry"]])


def test_names_that_are_there_and_one_that_is_not(tmp_path):
    """All names are listed before any is loaded, and another one is an AttributeError that names it."""
    code = "import mailkit_xmlrpc as m; print(set(m.__all__) <= set(dir(m)), hasattr(m, 'Bounces'), m.Bounce.__name__)"
    assert _python(code, tmp_path) == "True False Bounce\n"
    with pytest.raises(AttributeError, match="Bounces"):
        mailkit_xmlrpc.Bounces
    assert set(mailkit_xmlrpc.__all__) <= set(dir(mailkit_xmlrpc))


def test_star_import(tmp_path):
    """``from mailkit_xmlrpc import *`` brings exactly these names."""
    code = "names = {}; exec('from mailkit_xmlrpc import *', names); print(sorted(set(names) - {'__builtins__'}))"
    assert _python(code, tmp_path) == "{}\n".format(sorted(mailkit_xmlrpc.__all__))
