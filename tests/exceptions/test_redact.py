"""What may be shown of a foreign text: never the secret, an address or a control character, and never too much."""

import copy
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailkit_xmlrpc import DisallowedIPError, FaultError, HTTPStatusError, InvalidSendIdError, ResponseTooLargeError
from mailkit_xmlrpc.exceptions.redact import MAX_SHOWN, Secret, counted, redact, redacted
from tests.support.account import MD5

AT_SIGNS = ("@", "%40", "&#64;", "&#x40;", "\uff20", "\ufe6b")

# What a server may send, in any order and of any length: harmless words, and all that must not be shown.
fragments = st.one_of(
    st.sampled_from([MD5, MD5.upper(), "client_md5=" + MD5, MD5 * 2, MD5[:16], MD5[16:], '"' + MD5 + '"']),
    st.sampled_from(["anna.novakova" + sign + "example.com" for sign in AT_SIGNS]),
    st.sampled_from(["anna.novakova @example.com", "anna.novakova \r\n@ example.com", "anna.novakova@ example.com"]),
    st.sampled_from(['"anna novakova"@example.com', "<anna.novakova@example.com>", "anna.novakova@a.example,b@c"]),
    st.sampled_from(["\x00", "\x1b[31m", "\x9b0m", "\u202e", "\u2028", "\r\n", "\t", "\u00a0", "\ud800", "\x7f"]),
    st.sampled_from([" ", " ", " ", "Mailkit says", "příliš", "x" * 100, "word " * 100, '"', "@", "..."]),
    st.text(max_size=10),
)
texts = st.lists(fragments, max_size=40).map("".join)


@settings(max_examples=200, deadline=None, database=None)
@given(texts, st.integers(20, 600))
def test_redacted_of_any_text(text, limit):
    """Whatever comes in: one printable line of at most the limit, without the secret, without an address."""
    out = redacted(text, MD5, limit)
    assert len(out) <= limit
    assert out.isprintable()
    assert MD5 not in out.lower()
    assert not any(sign in out.lower() for sign in AT_SIGNS)
    assert "novakova" not in out.lower()


harmless = st.characters(blacklist_categories=("C", "Z"), blacklist_characters="@\uff20\ufe6b%&")


@settings(max_examples=200, deadline=None, database=None)
@given(st.text(harmless, max_size=MAX_SHOWN))
def test_redacted_of_harmless_text(text):
    """What is harmless stays as it is."""
    assert redacted(text, MD5) == text
    assert redacted(text) == text


@pytest.mark.parametrize(
    "text, out",
    [
        ("", ""),
        ("Mailing list exist", "Mailing list exist"),
        ("user@example.com is unknown", "<address> is unknown"),
        ("unknown: <User@Example.com>, sorry", "unknown: <address> sorry"),
        ("mailto:user%40example.com", "<address>"),
        ("user&#64;example.com user&#X40;example.com", "<address> <address>"),
        ("user\uff20example.com user\ufe6bexample.com", "<address> <address>"),
        ('"a b c"@example.com and "d e"@example.com', "<address> and <address>"),
        ('"a b c" and more', '"a b c" and more'),
        ('x"a b"@example.com', "<address>"),
        (r'to "a \"b\" \\ c"@example.com', "to <address>"),
        ('"a b" @ example.com', "<address> <address> <address>"),
        ("john @example.com is unknown", "<address> <address> is unknown"),
        ("is john@ example.com, sorry", "is <address> <address> sorry"),
        ("to <john \r\n @ example.com>", r"to <address> \r\n <address> <address>"),
        ("john &#X40;example.com", "<address> <address>"),
        ("mailto:john=40example.com, 5=40, size=40960.5", "<address> 5=40, size=40960.5"),
        (" @ ", " <address> "),
        ("@ @@", "<address> <address>"),
        (MD5, "<client_md5>"),
        ("md5={0}&again={1}".format(MD5, MD5.upper()), "md5=<client_md5>&again=<client_md5>"),
        (MD5 + "@example.com", "<address>"),
        ("a\x00b\nc\td\x1b[31m\x7f\x9b", r"a\x00b\nc\td\x1b[31m\x7f\x9b"),
        ("\u202e\u2028\u00a0\ufeff\u200b", r"\u202e\u2028\xa0\ufeff\u200b"),
        ("\ud800 \U000e0001", r"\ud800 \U000e0001"),
        ("žluťoučký 📬 'it''s' \\", "žluťoučký 📬 'it''s' \\"),
    ],
)
def test_redacted_exactly(text, out):
    """Every kind of text, and what is shown of it."""
    assert redacted(text, MD5) == out


def test_redacted_without_secret():
    """Without a secret nothing is taken for it."""
    assert redacted(MD5) == redacted(MD5, "") == MD5


@pytest.mark.parametrize("secret", ["a.c*(d)[e]", "p\\d+", "heslo-ěšč", "$x^"])
def test_redacted_secret_of_any_letters(secret):
    """A secret is a text, not a pattern, and is found in capitals too."""
    assert redacted("it is {0}, {1}!".format(secret, secret.upper()), secret) == "it is <client_md5>, <client_md5>!"
    assert redacted("abcd ppd", "p\\d+") == "abcd ppd"


def test_redacted_limit():
    """At the limit nothing is cut; one past it the cut is marked, and the mark counts."""
    assert redacted("x" * MAX_SHOWN) == "x" * MAX_SHOWN
    assert redacted("x" * (MAX_SHOWN + 1)) == "x" * (MAX_SHOWN - 3) + "..."
    assert redacted("x" * 10, limit=10) == "x" * 10
    assert redacted("x" * 11, limit=10) == "x" * 7 + "..."


def test_redacted_limit_after_escapes():
    """The limit counts what is shown, escapes included."""
    assert redacted("\x00" * 500, limit=20) == "\\x00\\x00\\x00\\x00\\..."


@pytest.mark.parametrize("at", range(3960, 4010))
@pytest.mark.parametrize("hidden", [MD5, "anna.novakova.somebody@example.com", "anna.novakova @ example.com"])
def test_redacted_secret_cut(at, hidden):
    """A huge text is cut before it is looked at; half a secret or half an address at the cut is not shown."""
    text = ("x" * 60 + "@ ") * 100  # addresses shrink, so that the cut would be seen
    out = redacted(text[: at - 1] + " " + hidden + " " + "y " * 5000, MD5, limit=5000)
    assert MD5[:4] not in out
    assert "anna" not in out
    assert out.endswith("...")


@pytest.mark.parametrize("unit", ["x", "x ", " ", "@", '"', '"a', "\x00", MD5, MD5 + " ", "a@b ", '"a b"@c '])
def test_redacted_of_huge_text(unit):
    """Megabytes cost no more than the beginning that is looked at."""
    out = redacted(unit * (10000000 // len(unit)), MD5)
    assert len(out) <= MAX_SHOWN
    assert out.endswith("...")
    assert MD5 not in out


# --- errors, and the secret itself ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error",
    [
        FaultError(4, "no {} for a@example.com\x00".format(MD5)),
        DisallowedIPError("no {} for a@example.com\x00".format(MD5), MD5),
        InvalidSendIdError("no {} for a@example.com\x00".format(MD5), 7),
        HTTPStatusError(500, "no {} for a@example.com\x00".format(MD5)),
        ResponseTooLargeError(7, MD5, "no {} for a@example.com\x00".format(MD5)),
    ],
    ids=lambda error: type(error).__name__,
)
def test_redact_error(error):
    """Every text in an error is made fit: its attributes and its args; numbers stay. Twice changes nothing."""
    kept = {name: value for name, value in vars(error).items() if not isinstance(value, str)}
    redact(error, Secret(MD5))
    once = copy.copy(error)
    texts = [str(error), repr(error), repr(error.args), repr(vars(error))]
    for text in texts:
        assert MD5 not in text and "@" not in text and "\x00" not in text
        assert "<client_md5>" in text
    assert "for <address>" in str(error)
    assert {name: vars(error)[name] for name in kept} == kept
    redact(error, Secret(MD5))
    assert (vars(error), error.args, str(error)) == (vars(once), once.args, str(once))


def test_redact_cuts_after_the_secret_is_hidden():
    """A long text is cut to its first 500 characters, however the secret stands at the cut."""
    for at in range(MAX_SHOWN - 40, MAX_SHOWN + 5):
        error = FaultError(4, "x" * at + MD5 + "y" * 600)
        redact(error, Secret(MD5))
        assert len(error.message) == MAX_SHOWN and error.message.endswith("...")
        assert MD5[:4] not in str(error)


def test_redact_arguments_that_are_no_texts():
    """An error may hold anything."""
    error = ValueError(5, None, MD5, [MD5])
    redact(error, Secret(MD5))
    assert error.args == (5, None, "<client_md5>", [MD5])


def test_secret_does_not_show_itself():
    """It tells its string to whoever asks, and to no repr; it can be copied and pickled."""
    secret = Secret(MD5)
    assert secret.reveal() == MD5
    assert repr(secret) == str(secret) == "{}".format(secret) == "<secret>"
    assert not hasattr(secret, "__dict__")
    for other in (copy.copy(secret), copy.deepcopy(secret), pickle.loads(pickle.dumps(secret))):
        assert (type(other), other.reveal()) == (Secret, MD5)


@pytest.mark.parametrize(
    "sign",
    ["@", "%40", "%2540", "%252540", "&#64;", "&#064;", "&#0000064;", "&#x40;", "&#x0040;", "&#X40;", "&commat;"]
    + ["&Commat", "\\u0040", "\\U00000040", "\\x40", "\uff20", "\ufe6b", "=40"]
    + ["&amp;#64;", "&amp;amp;#x40;", "&amp;commat;", "%u0040", "%25u0040"],
)
def test_at_sign_in_another_writing(sign):
    """An address is hidden however its at-sign is written: for HTML and for a URL (twice), for JSON, for Python."""
    for text in ("from john{}example.com.", "<a href='mailto:john{}example.com'>", "john{}example.com"):
        assert "john" not in redacted(text.format(sign)) and "example" not in redacted(text.format(sign))


def test_counted():
    """One has a noun of its own; none and many have the other."""
    assert [counted(number, "row") for number in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]
    assert [counted(number, "address", "addresses") for number in (1, 5)] == ["1 address", "5 addresses"]
