"""How the package hangs together: rooms import downwards and cost little; the top level exports what they declare."""

import ast
import importlib
import os
import re
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import pytest

import mailkit_xmlrpc
from mailkit_xmlrpc.simulator import Simulator

PACKAGE = Path(mailkit_xmlrpc.__file__).resolve().parent
SOURCES = {path.relative_to(PACKAGE).as_posix(): path for path in sorted(PACKAGE.rglob("*.py"))}

#: a room imports from rooms with a smaller number only; setup.cfg has the same rule for import-linter
FLOORS = {
    "exceptions": 0,
    "model": 1,
    "protocol": 2,
    "transport": 2,
    "analysis": 2,
    "client": 3,
    "report": 3,
    "claims": 4,
    "recorder": 4,
    "sync": 4,
    "testing": 4,
    "cli": 5,
}

#: libraries that bring a whole world along or touch the outside, and the rooms or modules that may know them
KNOWN_TO = {
    "socket": ("transport/", "simulator/", "cli/commands/doctor.py"),
    "select": ("transport/",),
    "ssl": ("transport/", "client/"),
    "xmlrpc.client": ("client/", "simulator/"),
    "defusedxml": ("protocol/xmlrpc/", "simulator/"),
    "tempfile": ("transport/spool.py", "sync/collected.py", "cli/"),
    "zlib": ("transport/", "simulator/", "cli/formats/xlsx.py"),
    "threading": ("transport/", "client/", "simulator/", "cli/signals.py"),
    "sqlite3": ("analysis/", "sync/", "cli/"),
    "sqlalchemy": ("sync/",),
    "jinja2": ("report/",),
    "pygal": (),
    "socketserver": ("simulator/",),
    "http.server": ("simulator/",),
    "http.client": (),
    "xmlrpc.server": (),
    "signal": ("cli/",),
    "argparse": ("cli/", "simulator/__main__.py"),
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
    "client.client",
    "client.retry",
    "model.arrow",
    "model.records",
    "model.vocabulary",
    "model.enhanced_status",
    "model.rules",
    "analysis.arguments",
    "analysis.summary",
    "analysis.suppression",
    "report.page",
    "exceptions",
)

#: what modules with public names define for the other rooms
HELPERS = {
    "model.arrow": {"batches", "require_pyarrow", "schema_of"},
    "model.records": {"quick_bounce"},
    "model.vocabulary": {"Word"},
    "model.rules": {"Rule", "category_of"},
    "analysis.arguments": {"Options", "checked"},
    "analysis.summary": {"Tally"},
    "analysis.suppression": {"planned"},
    "report.page": {"Mailing", "Rest", "check_extra", "page_of", "sent_of"},
}


@lru_cache(maxsize=None)
def _imports(name):
    """The dotted name of each thing that the file *name* imports, inside functions and for type checkers too."""
    found = []
    package = ("mailkit_xmlrpc/" + name).split("/")[:-1]
    for node in ast.walk(ast.parse(SOURCES[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else []
            base = base + ([node.module] if node.module else [])
            found += [".".join(base + [alias.name]) for alias in node.names]
    return found


@pytest.mark.parametrize("name", [name for name in SOURCES if name.split("/")[0] in FLOORS])
def test_imports_point_downwards(name):
    """Each room imports from the rooms below it; protocol, transport and analysis do not know each other."""
    room = name.split("/")[0]
    allowed = [other for other in FLOORS if other == room or FLOORS[other] < FLOORS[room]] + ["_version"]
    allowed += ["simulator"] if room in ("cli", "testing") else []
    ours = {imported.split(".")[1] for imported in _imports(name) if imported.startswith("mailkit_xmlrpc.")}
    assert ours - set(allowed) == set()


@pytest.mark.parametrize("name", [name for name in SOURCES if name.startswith("simulator/")])
def test_simulator_stands_alone(name):
    """The simulator shares nothing with the client, so that no mistake of one is hidden by the other."""
    assert [other for other in _imports(name) if re.match(r"mailkit_xmlrpc(?!\.(simulator|_version)\b)", other)] == []


def test_every_file_is_in_a_room():
    """No module lies beside the rooms but those that Python or the version need."""
    rooms = {name.split("/")[0] for name in SOURCES}
    assert rooms == set(FLOORS) | {"simulator", "__init__.py", "__main__.py", "_version.py"}


@pytest.mark.parametrize("library", sorted(KNOWN_TO))
def test_library_is_known_to_few(library):
    """Sockets, files, threads and parsers each have their room."""
    users = [name for name in SOURCES if any((imported + ".").startswith(library + ".") for imported in _imports(name))]
    assert [name for name in users if not name.startswith(KNOWN_TO[library])] == []


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
account = dict(client_id=int(sys.argv[1]), client_md5=sys.argv[2], url=sys.argv[3])
shared = MailkitClient(**account)
start = threading.Barrier(16)
results = []

def work(number):
    client = shared if number % 2 else MailkitClient(**account)
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
        account = str(mailkit.client_id), mailkit.client_md5
        assert _python(FIRST_CALLS, tmp_path, *account, mailkit.url) == "{}\n".format([0] * 8 + [3] * 8)


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
    """A class or function of a module with public names is in its ``__all__``, or is known to the rooms only."""
    module = importlib.import_module("mailkit_xmlrpc." + name)
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    defined = {node.name for node in tree.body if isinstance(node, (ast.ClassDef, ast.FunctionDef))}
    assert {key for key in defined if not key.startswith("_")} - HELPERS.get(name, set()) == set(module.__all__)


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
        "report_html",
        "summarize",
        "suppressions",
        "to_arrow",
    ]


@pytest.mark.skipif(sys.version_info < (3, 7), reason="PEP 562 came with Python 3.7")
def test_what_many_programs_never_use_is_loaded_later(tmp_path):
    """The import brings what every call needs; rows and what is made of them come when they are asked for."""
    code = (
        "import sys, mailkit_xmlrpc; print(*sorted(name for name in sys.modules if name.startswith('mailkit_xmlrpc.')))"
    )
    loaded = {name.split(".")[1] for name in _python(code, tmp_path).split()}
    assert loaded - {"protocol", "transport"} == {"_version", "client", "exceptions"}


@pytest.mark.skipif(sys.version_info < (3, 7), reason="PEP 562 came with Python 3.7")
def test_dir_shows_public_names_and_rooms_only(tmp_path):
    """What Python shows in the interpreter or in help is what may be used, and the rooms that are loaded."""
    code = "import mailkit_xmlrpc as m, mailkit_xmlrpc.simulator; print(*sorted(set(dir(m)) - set(m.__all__)))"
    shown = set(_python(code, tmp_path).split())
    assert {"client", "exceptions", "simulator"} <= shown <= set(FLOORS) | {"simulator"}


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
