"""Addresses and domains in the form in which they are compared; shares as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit_xmlrpc.analysis.counting import address_of, domain_of, percent


@pytest.mark.parametrize(
    "email, domain",
    [
        ("a@example.com", "example.com"),
        ("a@b@Example.COM. ", "example.com"),
        ("", ""),
        ("nobody", ""),
        ("a@", ""),
        ("a@" + "x" * 255, "x" * 255),
        ("a@" + "x" * 256, ""),
        ("a@P\u0158\xcdKLAD.cz", "p\u0159\xedklad.cz"),
        ("<a@example.com>", "example.com"),
        (" < a@example.com. > ", "example.com"),
        ("A <a@example.com>", "example.com"),
        ("a@\xa8.cz", "\u0308.cz"),
        ("a@xn--7ca.cz", "\xe7.cz"),
        ("a@example.com>", "example.com"),
        ("a @ example.com", "example.com"),
        ("<>", ""),
        ("@.", ""),
        ("a@ . ", ""),
        ("a@pr\u030ci\u0301klad.cz", "p\u0159\xedklad.cz"),
        ("a@XN--PKLAD-ZSA96E.CZ", "p\u0159\xedklad.cz"),
        ("a@\uff45xample\u3002com", "example.com"),
        ("a@\xe9xample\uff0ecom\uff61", "\xe9xample.com"),
        ("a@xn--.cz", "xn--.cz"),
        ("a@xn--\xff.cz", "xn--\xff.cz"),
        ("a@xn--99999999.cz", "xn--99999999.cz"),
        ("a@xn--" + "a" * 63 + ".cz", "xn--" + "a" * 63 + ".cz"),
        ("a@xn--abc-.cz", "xn--abc-.cz"),
        ("a@\ud800.cz", "\ud800.cz"),
        ("a@xn--strae-oqa.de", "stra\xdfe.de"),
    ],
)
def test_domain_of(email, domain):
    """The domain is what stands behind the last at-sign, in lower case and in letters; what cannot be one is none."""
    assert domain_of(email) == domain


@pytest.mark.parametrize(
    "email, address",
    [
        ("Anna@Example.com", "Anna@example.com"),
        (" <anna@example.com.> ", "anna@example.com"),
        ("nobody ", "nobody"),
        ("anna@", "anna"),
        ("anna@\u3002", "anna"),
        ("<>", ""),
        ("a@b@c", "a@b@c"),
        ("re\u0301@a", "r\xe9@a"),
        ("a@" + "X" * 256, "a@" + "x" * 256),
        ("\ud800@A", "\ud800@a"),
        ("Anna N. <a@example.com>", "a@example.com"),
        (">", ""),
        ("a b@c", "a b@c"),
    ],
)
def test_address_of(email, address):
    """An address has one form; the case of its local part is its own."""
    assert address_of(email) == address


@given(
    st.text(alphabet="aZ\u0158\u0301. \t-\u3002xn\xdf\ud800\xa0\xa8")
    | st.text("xn-a\u3002k1", max_size=9).map("xn--".__add__)
)
def test_property_compared_once_is_enough(text):
    """The compared form of a compared form is itself."""
    assert domain_of("@" + domain_of("@" + text)) == domain_of("@" + text)
    assert address_of(address_of("a@" + text)) == address_of("a@" + text)


@given(st.text(st.characters(whitelist_categories=("Ll",)), min_size=1, max_size=20))
def test_property_punycode_and_letters_are_one(label):
    """A part in letters and the same in punycode are one domain, where its letters are in the form IDNA has them in."""
    letters = domain_of("@" + label)
    if letters.isascii() if hasattr(letters, "isascii") else all(char < "\x80" for char in letters):
        return
    punycode = "xn--" + letters.encode("punycode").decode("ascii")
    assert domain_of("@" + punycode) == (letters if len(punycode) <= 63 else punycode)


@pytest.mark.parametrize(
    "count, total, text",
    [
        (1, 4, "25.0 %"),
        (0, 9, "0.0 %"),
        (1, 10000, "< 0.1 %"),
        (9999, 10000, "> 99.9 %"),
        (7, 7, "100.0 %"),
        (20001, 20000, "100.0 %"),
        (3, 2, "150.0 %"),
    ],
)
def test_percent(count, total, text):
    """A part is never rounded to nothing or to all."""
    assert percent(count, total) == text
