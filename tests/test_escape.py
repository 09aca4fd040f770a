"""How an exception leaves the package: one of ours, or an interrupt; with nothing of the inside hanging on it."""
import pytest

from mailkit_xmlrpc import ApiError, ConfigurationError, FaultError, LocalError
from mailkit_xmlrpc._escape import attempted, bare

SECRET = "0123456789abcdef0123456789abcdef"


def failing(error, cause=None):
    """A step that raises *error* from a frame that knows a secret."""

    def step():
        secret = SECRET
        try:
            raise ValueError(secret)
        except ValueError:
            if cause is not None:
                raise error from cause
            raise error

    return step


def test_result_is_handed_over():
    """A step that works gives its result and no error; arguments are passed on."""
    assert attempted(divmod, 7, 2) == [(3, 1), None]
    assert attempted(lambda: None) == [None, None]


@pytest.mark.parametrize(
    "error",
    [
        ApiError("no"),
        ConfigurationError("no"),
        FaultError(1, "no"),
        MemoryError(),
        KeyboardInterrupt(),
        SystemExit(3),
        GeneratorExit(),
        type("Timeout", (BaseException,), {})(),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("cause", [None, ValueError(SECRET)])
def test_ours_and_interrupts_leave_as_they_are(error, cause):
    """A MailkitError, MemoryError and what is no Exception pass, the very object, without traceback and context."""
    result, raised = attempted(failing(error, cause))
    assert result is None
    assert raised is error
    assert (raised.__traceback__, raised.__context__, raised.__cause__) == (None, None, None)


@pytest.mark.parametrize(
    "kind", [ValueError, OSError, RuntimeError, AssertionError, RecursionError, StopIteration, UnicodeError]
)
def test_anything_else_becomes_a_local_error(kind):
    """Nothing else leaves: the class and the place are told, the text is not, for it may quote what we hold."""
    result, raised = attempted(failing(kind(SECRET)))
    assert result is None
    assert type(raised) is LocalError
    assert str(raised).startswith("unexpected {} in step:".format(kind.__name__))
    assert SECRET not in str(raised) + repr(raised)
    assert (raised.__traceback__, raised.__context__, raised.__cause__) == (None, None, None)


def test_missing_module_is_named():
    """A dependency that is not installed is told by its name: that is all one needs to know."""
    error = attempted(__import__, "no_such_module_of_anybody")[1]
    assert str(error).startswith("cannot import no_such_module_of_anybody;")
    assert type(error) is LocalError


def test_error_without_a_traceback():
    """An exception that was made and not raised is told without a place."""
    assert str(bare(ValueError())).startswith("unexpected ValueError in ;")


def test_pop_leaves_no_reference_in_the_raising_frame():
    """The caller's list is empty of the error once it is raised: no cycle, and nothing for a reporter to see."""

    def public():
        outcome = attempted(failing(ApiError("no")))
        if outcome[1] is not None:
            raise outcome.pop()

    with pytest.raises(ApiError) as caught:
        public()
    inside = caught.value.__traceback__.tb_next
    assert inside.tb_next is None
    assert inside.tb_frame.f_locals == {"outcome": [None]}
