"""What a caller may give to the client: each argument good and bad; an error names the argument and never its value."""

import enum
import ssl
from datetime import timedelta, timezone, tzinfo
from decimal import Decimal

import pytest

from mailkit_xmlrpc import ConfigurationError, MailkitClient, Retry
from mailkit_xmlrpc.client.settings import doubt_about_md5
from mailkit_xmlrpc.exceptions.redact import Secret
from tests.support.account import MD5
from tests.support.any_object import ANY_OBJECT

CANARY = "s3cretvalue"  # the fixture "refused" looks for it


class Index:
    """Anything with ``__index__`` is an integer."""

    def __init__(self, value):
        self.value = value

    def __repr__(self):
        return "an Index"

    def __index__(self):
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


class Ids(enum.IntEnum):
    """A host's own integers."""

    CLIENT = 1234567


def settings(**options):
    """What a client with these arguments goes by."""
    return MailkitClient(**dict({"client_id": 1234567, "client_md5": MD5}, **options))._settings


# --- client_id, client_md5 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [1, 1234567, 2**63 - 1, Index(1234567), Ids.CLIENT])
def test_client_id_good(value):
    """A positive integer of at most 63 bits, or anything with __index__, is taken and kept as a plain int."""
    number = settings(client_id=value).client_id
    assert type(number) is int
    assert number == (value.value if isinstance(value, Index) else value)


RANGE = " of at most 63 bits"
QUOTED = ": leave out the quotes, or write int(...) around it"
BAD_IDS = [
    (0, RANGE),
    (-1, RANGE),
    (2**63, RANGE),
    (10**5000, RANGE),
    (Index(0), RANGE),
    (Index(-(10**5000)), RANGE),
    (Index(2**63), RANGE),
]
BAD_IDS += [
    (value, ", not of type {}{}".format(type(value).__name__, QUOTED if value == "1234567" else ""))
    for value in (
        True,
        False,
        1.0,
        1234567.5,
        float("nan"),
        float("inf"),
        Decimal(1),
        1j,
        "1234567",
        b"1",
        "",
        None,
        [1],
        ANY_OBJECT,
        Index("1"),
        Index(ValueError(CANARY)),
        Index(MemoryError()),
    )
]


@pytest.mark.parametrize("value, wrong", BAD_IDS, ids=range(len(BAD_IDS)))
def test_client_id_bad(refused, value, wrong):
    """Everything else is refused, bools and floats too, however the object fails."""
    assert refused(client_id=value) == "client_id must be a positive integer" + wrong


def test_error_of_the_callers_code_in_an_index():
    """A time limit that strikes while an object says its number is the caller's own: the same object."""
    error = TimeoutError("theirs")
    index = type("Index", (Index,), {"__module__": "numpy_like.core"})(error)
    with pytest.raises(TimeoutError) as caught:
        MailkitClient(index, MD5)
    assert caught.value is error


@pytest.mark.parametrize("value", [MD5, "x", "\u00e9&<>\"'", "x" * 10000, type("Text", (str,), {})("abc")])
def test_client_md5_good(value):
    """Any printable string without spaces is taken as it is: the vendor promises no form."""
    assert settings(client_md5=value).client_md5.reveal() == value


def test_client_md5_is_the_string_not_how_it_prints():
    """A host's own string class that hides itself when printed is still sent as what it is."""
    hidden = type("Hidden", (str,), {"__str__": lambda self: "***"})
    value = settings(client_md5=hidden(MD5)).client_md5.reveal()
    assert type(value) is str
    assert value == MD5


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        CANARY + " ",
        "a b",
        CANARY + "\n",
        "a\tb",
        "a\x00",
        "a\x1b",
        "a\xa0b",
        "\u200b",
        "\ud800",
        "\u202e",
        "\ufeffa",
    ]
    + [None, 5, True, b"abc", bytearray(b"abc"), ["a"], ANY_OBJECT],
    ids=lambda value: ascii(value)[:20],
)
def test_client_md5_bad(refused, value):
    """What is empty, has white space or does not print is a slip of the hand; what is no string is one as well."""
    text = refused(client_md5=value)
    assert text == "client_md5 must be a non-empty string of printable characters without spaces"


# --- timeout, deadline -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value, seconds",
    [(5, (5.0, 5.0)), (0.001, (0.001, 0.001)), ((10, 120.5), (10.0, 120.5)), ([1, 2], (1.0, 2.0)), (1e6, (1e6, 1e6))],
)
def test_timeout_good(value, seconds):
    """One number means both, a pair is (to connect, for each read)."""
    timeout = settings(timeout=value).timeout
    assert timeout == seconds
    assert [type(part) for part in timeout] == [float, float]


BAD_SECONDS = [
    0,
    0.0,
    -1,
    -0.5,
    1e6 + 1,
    10**400,
    float("nan"),
    float("inf"),
    float("-inf"),
    True,
    "10",
    b"1",
    Decimal(1),
    1j,
]


@pytest.mark.parametrize("value", BAD_SECONDS + [None, (), (1,), (1, 2, 3), {1, 2}, "12", ANY_OBJECT], ids=repr)
def test_timeout_bad(refused, value):
    """No time-out at all, none, or one that a C library would overflow on, is refused."""
    assert refused(timeout=value) == "timeout must be a number of seconds above 0 and at most 1e+06"


@pytest.mark.parametrize("value", BAD_SECONDS + [None, (1, 2)], ids=repr)
def test_timeout_bad_half(refused, value):
    """Both halves of a pair are looked at."""
    assert refused(timeout=(value, 1)).startswith("timeout must be")
    assert refused(timeout=(1, value)).startswith("timeout must be")


@pytest.mark.parametrize("value", [None, 600, 0.5, 1e6])
def test_deadline_good(value):
    """Seconds, or None for no limit."""
    assert settings(deadline=value).deadline == value


@pytest.mark.parametrize("value", BAD_SECONDS + [(1, 2), ANY_OBJECT], ids=repr)
def test_deadline_bad(refused, value):
    """A deadline that is no length of time is refused."""
    assert refused(deadline=value) == "deadline must be a number of seconds above 0 and at most 1e+06"


# --- retry, max_response_bytes, tz, ssl_context ----------------------------------------------------------------------


def test_retry_none_is_one_try():
    """retry=None stands for a single try."""
    assert settings(retry=None).retry == Retry(attempts=1)


@pytest.mark.parametrize("value", [3, True, False, "3", (3, 0.5, 20.0), Retry, ANY_OBJECT], ids=repr)
def test_retry_bad(refused, value):
    """Only a Retry says how to repeat."""
    assert refused(retry=value) == "retry must be a Retry or None"


@pytest.mark.parametrize("value", [1, 1 << 30, Index(5)], ids=repr)
def test_max_response_bytes_good(value):
    """A positive number of bytes."""
    assert type(settings(max_response_bytes=value).max_response_bytes) is int


@pytest.mark.parametrize("value", [0, -1, 1e9, True, None, "1", 2**63], ids=repr)
def test_max_response_bytes_bad(refused, value):
    """There is always a limit, and it is an integer."""
    assert refused(max_response_bytes=value).startswith("max_response_bytes must be a positive integer")


@pytest.mark.parametrize("value", [5, b"x", True, ["x"]], ids=repr)
def test_ca_file_that_is_no_path(refused, value):
    """A path is a str, or what says one."""
    assert refused(ca_file=value) == "ca_file must be the path of a file"


def test_ca_file(refused, tmp_path):
    """A file that is there is taken, as a str; one that is not there is told at once, by its path."""
    path = tmp_path / "ca.pem"
    assert refused(ca_file=path) == "ca_file ({}) is no file, or it cannot be seen".format(path)
    assert refused(ca_file=str(tmp_path)).startswith("ca_file ({}) is no file".format(tmp_path))
    # A relative path may be a secret in the wrong place.
    assert refused(ca_file="s3cret") == "ca_file is no file, or it cannot be seen"
    assert refused(ca_file="/none/a@example.com") == "ca_file (<address>) is no file, or it cannot be seen"
    path.write_text("x")
    assert settings(ca_file=path).ca_file == settings(ca_file=str(path)).ca_file == str(path)
    assert settings().ca_file is None
    context = ssl.create_default_context()
    assert refused(ca_file=path, ssl_context=context).startswith("give ca_file or ssl_context, not both")


@pytest.mark.parametrize(
    "md5, doubt",
    [
        (MD5, ""),
        (MD5.upper(), ""),
        ("'" + MD5 + "'", "client_md5 has quotation marks around it"),
        (MD5 + "\u201d", "client_md5 has quotation marks around it"),
        (MD5[:-1], "client_md5 has 31 characters instead of 32"),
        ("x", "client_md5 has 1 character instead of 32"),
        ("O" + MD5[1:-1] + "l", "client_md5 has 2 characters that are no hexadecimal digit (0 to 9, a to f)"),
        ("O" + MD5[1:], "client_md5 has 1 character that is no hexadecimal digit (0 to 9, a to f)"),
    ],
)
def test_doubt_about_md5(md5, doubt):
    """What looks wrong with an md5 is told without showing any of it."""
    assert doubt_about_md5(Secret(md5)) == doubt


@pytest.mark.parametrize("value", [None, timezone.utc, timezone(timedelta(hours=1))], ids=repr)
def test_tz_good(value):
    """A tzinfo, or None."""
    assert settings(tz=value).tz is value


@pytest.mark.parametrize("value", ["Europe/Prague", 1, timedelta(hours=1), tzinfo, ANY_OBJECT], ids=repr)
def test_tz_bad(refused, value):
    """A zone's name is not a zone."""
    assert refused(tz=value) == "tz must be a tzinfo or None"


@pytest.mark.parametrize("value", ["error", "replace"])
def test_on_bad_text_good(value):
    """There are two words for what becomes of forbidden characters."""
    assert settings(on_bad_text=value).on_bad_text == value


@pytest.mark.parametrize("value", ["", "ignore", "Replace", None, True, b"error", ["error"], ANY_OBJECT], ids=repr)
def test_on_bad_text_bad(refused, value):
    """No other word is guessed at."""
    assert refused(on_bad_text=value) == 'on_bad_text must be "error" or "replace"'


def test_ssl_context_good():
    """A context of the caller's own is taken as it is."""
    context = ssl.create_default_context()
    assert settings(ssl_context=context).ssl_context is context


@pytest.mark.parametrize("value", [True, False, "ca.pem", ANY_OBJECT], ids=repr)
def test_ssl_context_bad(refused, value):
    """False does not turn verification off."""
    assert refused(ssl_context=value) == "ssl_context must be an ssl.SSLContext or None"


# --- nothing shows a secret ------------------------------------------------------------------------------------------


def test_secrets_do_not_show_themselves():
    """A reporter that prints all a client holds sees neither the md5 nor the proxy's password."""
    made = MailkitClient(1234567, MD5, proxy="http://user:{}@proxy.example".format(CANARY))
    shown = repr(made) + repr(vars(made)) + str(vars(made)) + repr(vars(made)["_settings"].proxy)
    assert MD5 not in shown
    assert CANARY not in shown and "Basic" not in shown
    assert "<secret>" in shown


def test_secret_survives_pickling_only():
    """A secret is what it was after a pickle, and shows nothing by any way of printing."""
    secret = Secret(MD5)
    assert secret.__reduce__() == (Secret, (MD5,))
    assert MD5 not in "{} {!r} {!s}".format(secret, secret, secret)


@pytest.mark.parametrize(
    "options",
    [
        {"client_id": CANARY},
        {"client_md5": CANARY + " "},
        {"url": "https://user:{}@h/".format(CANARY)},
        {"url": "https://h/ ?token=" + CANARY},
        {"timeout": CANARY},
        {"retry": CANARY},
        {"tz": CANARY},
        {"ssl_context": CANARY},
        {"proxy": "http://user:{}@h:x".format(CANARY)},
    ],
    ids=lambda options: next(iter(options)),
)
def test_traceback_of_a_refusal_holds_no_secret(options):
    """An error reporter that collects the local variables of our frames finds neither the md5 nor what was refused."""
    with pytest.raises(ConfigurationError) as caught:
        MailkitClient(**dict({"client_id": 1234567, "client_md5": MD5}, **options))
    inside = caught.value.__traceback__.tb_next
    assert inside.tb_next is None  # one frame of ours
    local = repr(dict(inside.tb_frame.f_locals))
    assert MD5 not in local and CANARY not in local


def test_client_that_was_not_made_can_be_printed():
    """Whoever gets hold of a half-made client (a debugger, a subclass) finds a repr like any other object's."""
    assert repr(MailkitClient.__new__(MailkitClient)) == "<MailkitClient, not set up>"
