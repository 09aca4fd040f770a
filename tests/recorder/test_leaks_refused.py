"""What nobody may see: where it would still be found, nothing is written."""

import base64

import pytest

from mailkit_xmlrpc import ConfigurationError
from mailkit_xmlrpc.recorder.scrubber import scrubbed
from tests.support.account import MD5
from tests.support.scrubbing import HEAD, KEY, document, member, text_of

# --- what nobody may see --------------------------------------------------------------------------------------------


def test_md5():
    """The md5 is replaced wherever it stands, whatever it looks like."""
    for secret in (MD5, "Not-An.Md5_1"):
        new = scrubbed(
            document(member("STATUS", "x" + secret.upper() + "y " + secret)), "", KEY, secret=secret
        ).decode()
        assert secret.lower() not in new.lower()
        assert new.startswith(HEAD.format("utf-8") + "<member><name>STATUS</name><value>x")
    assert scrubbed(document(member("STATUS", "x")), "", KEY, secret=MD5) == document(member("STATUS", "x"))


@pytest.mark.parametrize(
    "name, problem",
    [
        ("anna@firma.cz", "an address"),
        ("anna&#64;firma.cz", "an address"),
        ("x" + MD5, "the md5"),
        (base64.b64encode(b"of anna@firma.cz").decode(), "an address"),
        (base64.b64encode("x anna@firma.cz".encode("utf-16")).decode(), "an address"),
        (base64.b64encode(bytes.fromhex(MD5)).decode(), "the md5"),
        (base64.urlsafe_b64encode("~~~>?? anna@firma.cz ~~~>??".encode("utf-8")).decode(), "an address"),
        ("x" + b"anna@firma.cz".hex(), "an address"),
        ("a" + b"anna@firma.cz".hex(), "an address"),
        ("anna%40firma.cz", "an address"),
        ("anna=40firma.cz", "an address"),
        ("anna=\n@firma.cz", "an address"),
        ("anna\\u0040firma.cz", "an address"),
        ("anna\\x40firma.cz", "an address"),
        ("a&#37;2540b.anna@firma.cz.xx", "an address"),
    ],
)
def test_original_that_is_found(name, problem):
    """What stays because it is a name must not be what has to go, in any form: then there is no answer."""
    body = document(member(name, "x") + member("EMAIL", "anna@firma.cz"))
    with pytest.raises(ConfigurationError) as caught:
        scrubbed(body, "", KEY, secret=MD5)
    assert str(caught.value) == "nothing was written: {} would still be found in it".format(problem)


def test_long_local_part_that_is_found():
    """An address is found whatever its length."""
    address = "x" * 70 + "@firma.cz"
    with pytest.raises(ConfigurationError, match="an address"):
        scrubbed(document(member(address, "x") + member("EMAIL", address)), "", KEY)


def test_text_without_another():
    """A text that cannot become another one is found as a whole value: then there is no answer."""
    with pytest.raises(ConfigurationError, match="a text or an id would still be found"):
        text_of(("\u2e2f" * 7).encode())
    assert text_of(("\u2e2f" * 6).encode()) == ("\u2e2f" * 6).encode()


def test_long_name_is_text():
    """What is longer than a name is none: in a damaged document it may be all the rest."""
    assert b"Anna" not in scrubbed(document("<member><name>" + "Anna " * 60 + "</name></member>"), "", KEY)
    assert b"Anna" not in scrubbed(b'[{"' + b"Anna " * 60 + b'": 1}]', "", KEY)


def test_marked_section_without_end():
    """A section, a comment or an instruction that never ends hides nothing of what follows."""
    broken = b"<?xml version='1.0' encoding='utf-8'"
    assert scrubbed(broken, "", KEY) == broken
    assert scrubbed(broken + b"<a>Anna</a>", "", KEY).startswith(broken + b"<a>")
    for opening in ("<![CDATA[", "<!--", "<?"):
        body = document(member("A", opening + "Anna") + member("EMAIL", opening + "Anna"))
        new = scrubbed(body, "", KEY)
        assert b"Anna" not in new and new.count(opening.encode()) >= 2 and b"<name>EMAIL</name>" in new


def test_compressed():
    """What is compressed cannot be seen into."""
    with pytest.raises(ConfigurationError, match="the answer is compressed, which no header said"):
        text_of(b"\x1f\x8b\x08")


def test_few_words():
    """Where pseudonyms run out they repeat, but none is an original that could be found."""
    rows = "".join(member("R{}".format(number), chr(97 + number % 26)) for number in range(26))
    new = scrubbed(document(rows), "", KEY)
    assert len(new) == len(document(rows))


def test_pseudonym_ends_in_no_address():
    """No pseudonym with something before it reads as an original: a@example.com is not in xa@example.com."""
    names = ["a", "e", "i", "o", "u", "s", "t", "n", "anna", "berta", "carlo", "doris", "emil", "frieda", "gustav"]
    rows = "".join(member("E{}".format(number), name + "@example.com") for number, name in enumerate(names))
    for number in range(20):
        new = scrubbed(document(rows), "", KEY + bytes([number])).decode()
        assert [name for name in names if name + "@example.com" in new] == []
