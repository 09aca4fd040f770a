"""What CPython does and PyPy does not: tests of just that are skipped there, and nothing else is."""

import platform
import sys
from types import ModuleType

import pytest

CPYTHON = platform.python_implementation() == "CPython"

_AT_ONCE = "only CPython frees at once what nobody refers to any more"
_COLLECTOR = "only CPython's collector tells what it found"
#: a test -> why it is skipped where Python is not CPython
_OF_CPYTHON = {
    # Its threading asserts where two threads wait for the end of one at once.
    "test_closing_ends_a_pause": "only CPython lets two threads join one",
    "test_dropped": _AT_ONCE,
    "test_dropped_client_frees_its_sockets_quietly": _AT_ONCE,
    "test_failed_call_leaves_no_cycle": _COLLECTOR,
    "test_failed_connection_leaves_no_cycle": _COLLECTOR,
    "test_failed_iteration_leaves_no_cycle": _COLLECTOR,
    "test_failed_proxy_leaves_no_cycle": _COLLECTOR,
    "test_failed_tries_leave_no_garbage": _AT_ONCE,
    "test_iterator_dropped_leaves_nothing": _AT_ONCE,
    "test_memory_freed": _AT_ONCE,
    "test_memory_freed_when_forgotten": _AT_ONCE,
    "test_no_row_is_kept": "only CPython's collector tells what hangs on what",
    "test_pickle_with_an_ssl_context_is_refused_by_python": "PyPy refuses only to read it back",
    "test_quick_ones_are_no_larger": "PyPy does not tell the size of an object",
    "test_report_leaves_no_cycle": _COLLECTOR,
    "test_thousand_callers_share_one": "a thousand threads that wait take PyPy a while",
}


def skip_tests_of_cpython(items):
    """Mark those of *items* that cannot pass here."""
    for item in items:
        reason = _OF_CPYTHON.get(getattr(item, "originalname", None))
        if reason and not CPYTHON:
            item.add_marker(pytest.mark.skip(reason=reason))


def adapt(config):
    """Prepare pytest for a Python that is not CPython, before test modules are imported."""
    if CPYTHON:
        return
    # What was let go of unclosed is closed by the collector, in the middle of some later test.
    config.addinivalue_line("filterwarnings", "ignore::ResourceWarning")
    # Tests may import it; they are skipped when they begin to trace.
    tracemalloc = sys.modules["tracemalloc"] = ModuleType("tracemalloc")
    tracemalloc.start = lambda: pytest.skip("PyPy does not trace memory")
    tracemalloc.stop = lambda: None
    # pytest and warnings ask for it.
    tracemalloc.get_object_traceback = lambda thing: None
