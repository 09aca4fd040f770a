"""What becomes of an answer: each value a pseudonym of the same look, all else as it was; or nothing is written."""

import base64
import codecs
import re

import pytest

from mailkit_xmlrpc import ConfigurationError
from mailkit_xmlrpc.recorder.decoded import decoded
from mailkit_xmlrpc.recorder.scrubber import scrubbed
from mailkit_xmlrpc.recorder.tokens import tells
from tests.support.account import MD5
from tests.support.scrubbing import KEY, changed, document, member, read, text_of, value

# --- what a value becomes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, look",
    [
        ("Bad Mailbox", "[A-Z][a-z]{2} [A-Z][a-z]{6}"),
        ("ÚPLNÁ schránka", "[ÁČĎÉĚÍŇÓŘŠŤÚŮÝŽ][A-Z]{3}[ÁČĎÉĚÍŇÓŘŠŤÚŮÝŽ] [a-z]{4}[áčďéěíňóřšťúůýž][a-z]{3}"),
        ("Größe", "[A-Z][a-z][à-þ][ß-ÿ][a-z]"),
        ("Привет", "[А-Я][а-я]{5}"),
        ("ελληνικά", "[\u0370-\u03ff]{8}"),
        ("日本", "[\u3400-\u9fff]{2}"),
        ("٣٤", "[٠-٩]{2}"),
        ("x²", "[a-z][²³¹¼½¾]"),
        ("550 5.1.1 user", "[1-9][0-9]{2} 5\\.1\\.1 [a-z]{4}"),
        ("(4.4.2)", "\\(4\\.4\\.2\\)"),
        ("0550", "0[1-9][0-9]{2}"),
        ("a1-b2_c", "[a-z][0-9]-[a-z][0-9]_[a-z]"),
        ("mx1.firma.cz said", "[a-z]{2}[0-9]\\.[a-z]{5}\\.cz [a-z]{4}"),
        ("host mx.gmail.com.", "[a-z]{4} [a-z]{2}\\.gmail\\.com\\."),
        ("mail.example here", "mail\\.example [a-z]{4}"),
        ("from 192.0.2.17", "[a-z]{4} [1-9][0-9]{2}\\.[0-9]\\.[0-9]\\.[1-9][0-9]"),
        ("from 999.0.2.17", "[a-z]{4} [1-9][0-9]{2}\\.0\\.[1-9]\\.[1-9][0-9]"),
        ("2001:db8::1f", "[0-9]{4}:[a-f]{2}[0-9]::[0-9][a-f]"),
        ("at 12:36:02", "[a-z]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}"),
        ("deadbeef01", "[a-f]{8}[0-9]{2}"),
        ("", ""),
        (" \t\n", " \t\n"),
        ("-- ?", "-- \\?"),
    ],
)
def test_text(text, look):
    """Letters become letters of their script and case, digits digits; codes, signs and ends of domains stay."""
    new = value("<string>{}</string>".format(text))[len("<string>") : -len("</string>")]
    assert re.fullmatch(look, new), new
    assert new != text or not re.search(r"\w", text.replace("4.4.2", ""))


def test_every_letter_keeps_its_case():
    """No letter that has two cases becomes one that has only one, such as the Greenlandic kra."""
    letters = [char for char in map(chr, range(0x80, 0x2000)) if char.isupper() or char.islower()]
    both = [char for char in letters if char.swapcase().swapcase() == char != char.swapcase()]
    assert len(both) > 1000
    for start in range(0, len(both), 40):
        words = both[start : start + 40]
        new = value("<string>{}</string>".format(" ".join(words)))[len("<string>") : -len("</string>")].split(" ")
        assert [char.isupper() for char in new] == [char.isupper() for char in words], words


@pytest.mark.parametrize("letter", ["\u03bb", "\u03fb", "\u03f8", "\u4e00", "\ufabf", "\ufedf"])
@pytest.mark.parametrize("byte", [b"", b"\xbf", b"\xc3"])
def test_letter_outside_of_an_element(letter, byte):
    """A letter that XML has in names stays of that sort, and so does one that Unicode got later: before an element the
    one is another fault than the other."""
    body = letter.encode() + byte + b"<methodResponse/>"
    for number in range(9):
        before, after = read(body), read(scrubbed(body, "", b"key %d" % number))
        assert (before.at, before.detail.partition("(")[0]) == (after.at, after.detail.partition("(")[0])


def test_letter_that_is_alone():
    """A single letter that no other of its encoding can stand for tells nobody apart, and stays."""
    for text in ("\u00ff (----)", "5.1.1 \u00ff"):
        inside = "<string>{}</string>".format(text)
        assert value(inside, encoding="iso-8859-1") == inside
    with pytest.raises(ConfigurationError, match="a text or an id"):
        value("<string>\u00ff\u00ff (---)</string>", encoding="iso-8859-1")


@pytest.mark.parametrize(
    "text, is_so",
    [
        ("", False),
        ("\u00ff (-)", False),
        ("5.1.1 x", False),
        ("5.1.1 4.2.2", False),
        ("x y", True),
        ("\udce1\udce2", True),
    ],
)
def test_what_tells(text, is_so):
    """Two characters of words do, also those that are bytes of another encoding; codes do not."""
    assert tells(text) is is_so


@pytest.mark.parametrize(
    "address, look",
    [
        ("anna.novak@firma.cz", "[a-z]{4}\\.[a-z]{5}@[a-z]{5}\\.cz"),
        ("Anna+List@GMail.com", "[A-Z][a-z]{3}\\+[A-Z][a-z]{3}@GMail\\.com"),
        ("a@mail.example.com", "[a-z]@[a-z]{4}\\.example\\.com"),
        ("a@mail.example", "[a-z]@mail\\.example"),
        ("a@localhost", "[a-z]@localhost"),
        ("a@intranet", "[a-z]@[a-z]{8}"),
        ("007@firma.co.uk", "[0-9]{3}@[a-z]{5}\\.[a-z]{2}\\.uk"),
        ("+@gmail.com", "\\+@[a-z]{5}\\.[a-z]{3}"),
        ("a@[192.0.2.1]", "[a-z]@\\[[1-9][0-9]{2}\\.[0-9]\\.[0-9]\\.[0-9]\\]"),
        ('"a b"@firma.cz', '"[a-z] [a-z]"@[a-z]{5}\\.cz'),
        ("žába@čáp.cz", "[á-ž][á-ž][a-z]{2}@[á-ž]{2}[a-z]\\.cz"),
        ("no address", "[a-z]{2} [a-z]{7}"),
    ],
)
def test_address(address, look):
    """Both parts of an address become others; a domain that is everybody's stays, and the end of any other."""
    new = value(address, "EMAIL")
    assert re.fullmatch(look, new), new
    assert new != address


def test_same_word_same_pseudonym():
    """An address is the same one in every row, text, case and spelling; another key makes another one."""
    spelled = [
        "anna@firma.cz",
        "Anna@Firma.cz",
        "&lt;anna@firma.cz&gt;",
        "<![CDATA[anna@firma.cz]]>",
        "an<!-- of -->na@fir<![CDATA[ma.c]]>z",
        "&#97;nn&#x61;&#64;firma.cz",
        "anna%40firma.cz",
        "%61%6Ena%2540firma.cz",
        "anna=40firma.cz",
        "anna&amp;#64;firma.cz",
        "anna\\u0040firma.cz",
        "<base64>{}</base64>".format(base64.b64encode(b"anna@firma.cz").decode()),
    ]
    new = changed(*[("R{}".format(number), text) for number, text in enumerate(spelled)])
    local, domain = new[0].split("@")
    first = ord(local[0])
    assert new[1] == "{}@{}".format(local.capitalize(), domain.capitalize())
    assert new[2] == "&lt;{}&gt;".format(new[0])
    assert new[3] == "<![CDATA[{}]]>".format(new[0])
    assert re.sub("<!--.*?-->|<!\\[CDATA\\[|\\]\\]>", "", new[4]) == new[0]
    assert new[5] == "&#{};{}&#x{:x};&#64;{}".format(first, local[1:3], ord(local[3]), domain)
    assert new[6] == "{}%40{}".format(local, domain)
    assert new[7] == "%{:02X}%{:02X}{}%2540{}".format(first, ord(local[1]), local[2:], domain)
    assert new[8] == "{}=40{}".format(local, domain)
    assert new[9] == "{}&amp;#64;{}".format(local, domain)
    assert new[10] == "{}\\u0040{}".format(local, domain)
    assert base64.b64decode(new[11][8:-9]).decode() == new[0]
    assert scrubbed(document(member("X", "anna")), "", KEY) != scrubbed(document(member("X", "anna")), "", KEY * 2)


@pytest.mark.parametrize(
    "inside, look",
    [
        ("<int>49872054</int>", "<int>[1-9][0-9]{7}</int>"),
        ("<int> -12 </int>", "<int> -[1-9][0-9] </int>"),
        ("<int>0</int>", "<int>0</int>"),
        ("<i4>2147483647</i4>", "<i4>[12][0-9]{9}</i4>"),
        ("<i8>2147483648</i8>", "<i8>[2-9][0-9]{9}</i8>"),
        ("<i8>9223372036854775807</i8>", "<i8>[1-9][0-9]{18}</i8>"),
        ("<int>9223372036854775808</int>", "<int>9[2-9][0-9]{17}</int>"),
        ("<double>1.250</double>", "<double>[1-9]\\.[1-9]{2}0</double>"),
        ("<double>0.0</double>", "<double>0\\.0</double>"),
        ("<double>1e5</double>", "<double>[1-9]e5</double>"),
        ("<double>5.09999999999999964473</double>", "<double>[1-9]\\.[0-9]{20}</double>"),
        ("<double>nan</double>", "<double>nan</double>"),
        ("<double>12</double>", "<double>[1-9][0-9]</double>"),
        ("<double>x.y</double>", "<double>[a-z]\\.[a-z]</double>"),
        ("<boolean>1</boolean>", "<boolean>1</boolean>"),
        ("<boolean>yes</boolean>", "<boolean>[a-z]{3}</boolean>"),
        ("<nil/>", "<nil/>"),
        ("<string/>", "<string/>"),
        ("1e5", "[1-9]e5"),
    ],
)
def test_number(inside, look):
    """A number stays one of as many digits, of the same type and range; zero stays."""
    new = value(inside)
    assert re.fullmatch(look, new), new
    if inside.startswith(("<i4", "<i8>92")):
        assert int(re.sub("<.*?>", "", new)) <= int(re.sub("<.*?>", "", inside))
    if inside == "<i8>2147483648</i8>":
        assert int(new[4:-5]) > 2147483647


def test_largest_double_stays_finite():
    """Of a double whose first digit cannot grow another one is drawn, or nothing is written."""
    assert value("<double>1.25e308</double>") != "<double>1.25e308</double>"
    # Near 2**53 a fraction is lost where the digits grow.
    assert not any(
        float(value("<double>4116596050072185.5</double>", key=bytes([n]) + KEY)[8:-9]).is_integer() for n in range(9)
    )
    assert float(value("<double>1.25e308</double>")[8:-9]) < float("inf")
    # Too short to tell anything, and there is no other one.
    assert value("<double>1e308</double>") == "<double>1e308</double>"


def test_dates_move_together():
    """All dates of a document move by the same number of weeks; what is none stays none, and zeros stay."""
    from datetime import datetime

    texts = ["2014-12-23 12:36:02", "2015-01-06", "2014-12-30T08:00:00+01:00", "20141223T12:36:02"]
    new = changed(*[("D{}".format(number), text) for number, text in enumerate(texts)])
    first = datetime.strptime(new[0], "%Y-%m-%d %H:%M:%S")
    assert first.weekday() == 1 and first.time().isoformat() == "12:36:02" and first.year < 2014
    assert (datetime.strptime(new[1], "%Y-%m-%d") - first).days == 13
    assert new[2].endswith("T08:00:00+01:00") and new[2] != texts[2]
    assert new[3] == first.strftime("%Y%m%dT12:36:02")
    for text in ("0000-00-00", "0000-00-00 00:00:00", "0000-05-01"):
        assert value(text) == text
    assert re.fullmatch("[0-9]{3}[13579]-02-30", value("2014-02-30"))
    assert re.fullmatch(
        "[0-9]{3}[13579]-02-29 10:00", value("2016-02-29 25:00"[:10].replace("2016", "2015") + " 10:00")
    )
    assert value("0001-01-01") > "0001-01-01"
    assert re.fullmatch("[a-z]{2} 20[01][0-9]-..-.. 08:00", value("on 2014-12-23 08:00"))
    assert re.fullmatch("[a-z]{2} [0-9]{4}-(?!13)[0-9]{2}-[0-9]{2}", value("no 2014-13-23"))


def test_date_that_would_be_an_original():
    """No date moves to where another one was."""
    first = value("2014-12-23")
    new = changed(("A", "2014-12-23"), ("B", first))
    assert not {"2014-12-23", first} & set(new)


def test_spelling_that_cannot_be_kept():
    """What is half escaped stays so; where it is all of an original there is no answer."""
    for text in (
        "50% of Anna",
        "&eacute;Anna",
        "%C4%8D and =C4=8D",
        "%ff",
        "&#x;Anna",
        "&#37;41nna",
        "<![CDATA[a%40b.c%]]>",
    ):
        new = value(text)
        assert len(new) == len(text) and new != text or text == "%ff"
    assert value("Anna&#99999999;").endswith("&#99999999;")
    body = b'[{"REASON": "' + b"\\\\u0041\\\\x62" + b'"}]'
    assert re.fullmatch(b'\\[{"REASON": "\\\\\\\\u00[46][0-9a-f]\\\\\\\\x[67][0-9a-f]"}\\]', scrubbed(body, "", KEY))
    assert value("%&#67;4%8DAnna").startswith("%&#67;4%8D")
    with pytest.raises(ConfigurationError, match="a text or an id"):
        value("%&#67;4%8D " * 7)


def test_tags_that_do_not_match():
    """Ends of what has not begun, and names outside of a struct, disturb nothing."""
    body = b"</struct></data><name>Anna</name><struct><name>X</name><data/></struct>"
    new = scrubbed(body, "", KEY)
    assert re.fullmatch(b"</struct></data><name>[A-Z][a-z]{3}</name><struct><name>X</name><data/></struct>", new)


def test_members_that_stay():
    """Words of the vocabularies stay, whatever the case of the name, but for addresses and an md5 in them."""
    members = [("STATUS", "4.4.2 x"), ("bounce_cat", "bad-mailbox"), ("EMAIL_STATUS", "<string>temporary</string>")]
    assert changed(*members) == [inside for _, inside in members]
    new = value("see anna@firma.cz, " + MD5, "STATUS")
    assert re.fullmatch("see [a-z]{4}@[a-z]{5}\\.cz, [0-9a-f]{32}", new)
    assert "anna" not in new and MD5 not in new
    assert value("<array><data><value>Anna</value></data></array>", "STATUS").count("Anna") == 0


def test_keep():
    """--keep leaves the values of a member and what is in it, but for addresses."""
    inner = "<struct>" + member("X", "Anna a@firma.cz") + "</struct>"
    kept, other = changed(("VENDOR", "Anna"), ("OTHER", "Anna"), keep=["vendor"])
    assert kept == "Anna" != other
    body = document(member("VENDOR", inner))
    kept_within = scrubbed(body, "", KEY, keep=["VENDOR"])
    assert b"Anna" in kept_within and b"a@firma" not in kept_within
    assert b"Anna" not in scrubbed(body, "", KEY, keep=["OTHER"])


@pytest.mark.parametrize(
    "text, look",
    [
        ("Unauthorized", "Unauthorized"),
        (" Invalid ID_send\n", " Invalid ID_send\n"),
        ("Disallowed IP 192.0.2.1", "Disallowed IP [1-9][0-9]{2}\\.[0-9]\\.[0-9]\\.[0-9]"),
        ("Unauthorized Anna", "Unauthorized [A-Z][a-z]{3}"),
        ("Unauthorizedness", "[A-Z][a-z]{15}"),
        ("Anna", "[A-Z][a-z]{3}"),
    ],
)
def test_refusal(text, look):
    """A refusal of the documented words stays one; alone, as a fault's text, and in base64."""
    alone = "<methodResponse><params><param><value>{}</value></param></params></methodResponse>"
    new = scrubbed(alone.format(text).encode(), "", KEY).decode()
    assert re.fullmatch(alone.format(look), new), new
    coded = base64.b64encode(text.encode()).decode()
    new = scrubbed(alone.format("<base64>{}</base64>".format(coded)).encode(), "", KEY).decode()
    assert re.fullmatch(look, base64.b64decode(re.search("<base64>(.*)</base64>", new).group(1)).decode())
    assert re.fullmatch(look, value(text, "faultString"))
    if text == "Unauthorized":
        assert value(text) != text


def test_base64():
    """Base64 keeps its lines; what is no UTF-8 in it stays none; what is no base64 becomes other words."""
    data = base64.b64encode("Žluťoučký kůň u Anny".encode()).decode()
    new = value("<base64>\n {}\n {}\n</base64>".format(data[:8], data[8:]))
    assert re.fullmatch("<base64>\n [A-Za-z0-9+/]{8}\n [A-Za-z0-9+/]+=*\n</base64>", new)
    assert re.fullmatch(
        "[ÁČĎÉĚÍŇÓŘŠŤÚŮÝŽ]\\w{8} \\w{3} \\w [A-Z]\\w{3}", base64.b64decode(new[8:-9].replace(" ", "")).decode()
    )
    binary = base64.b64decode(value("<base64>/wD+QUJD</base64>")[8:-9])
    assert re.fullmatch(b"[\xf8-\xff]\0[\xf8-\xff][A-Z]{3}", binary) and binary != b"\xff\0\xfeABC"
    for wrong in ("YQ", "YQ=é", "Y Q=!"):
        assert len(value("<base64>{}</base64>".format(wrong))) == len("<base64></base64>") + len(wrong)


# --- what stays -----------------------------------------------------------------------------------------------------


def test_form_stays():
    """Declaration, comments' tags, instructions, attributes, white space and names are as they were."""
    body = (
        b"\xef\xbb\xbf<?xml version='1.0'  encoding=\"UTF-8\"?><?php echo?><!-- by <b>Anna</b> -->\r\n<!DOCTYPE x>"
        b'<a  title="Anna of anna@firma.cz" / ><value/>\t<struct><name> NA&amp;ME </name>\n< b<!-- x'
    )
    new = scrubbed(body, "", KEY)
    pattern = (
        b"\xef\xbb\xbf<\\?xml version='1.0'  encoding=\"UTF-8\"\\?><\\?php echo\\?>"
        b"<!-- [a-z]{2} <b>[A-Z][a-z]{3}</b> -->\r\n"
        b'<!DOCTYPE x><a  title="Anna of [a-z]{4}@[a-z]{5}\\.cz" / ><value/>\t<struct><name> NA&amp;ME </name>\n< [a-z]'
        b"<!-- [a-z]"
    )
    assert re.fullmatch(pattern, new), new
    assert b"anna" not in new


@pytest.mark.parametrize(
    "encoding", ["iso-8859-1", "iso-8859-2", "windows-1250", "ibm852", "koi8-r", "utf-16", "ascii"]
)
def test_encoding_stays(encoding):
    """Each byte that is no value stays, in any encoding, and letters become letters that it has."""
    text = "<string>\u017elu\u0165ou\u010dk\u00fd k\u016f\u0148</string>"
    body = document(member("REASON", text), encoding)
    new = scrubbed(body, "", KEY)
    old, now = body.decode(encoding), new.decode(encoding)
    assert len(new) == len(body)
    assert [char for char in now if not char.isalnum()] == [char for char in old if not char.isalnum()]
    assert re.sub("<string>.*</string>", "", old) == re.sub("<string>.*</string>", "", now) and old != now


def test_markup_that_is_broken_off():
    """The beginning of a section, or of a reference, stays one: the parser says as before what is broken."""
    for begun in ("<![C", "<![CDA", "<![CDATA"):
        assert value(begun) == begun
    assert text_of(b"<a/><?xML a").startswith(b"<a/><?xML ")
    for begun in (b"&#x4a", b"&#", b"&#0"):
        assert re.fullmatch(b"<a>[A-Z][a-z]{2} " + begun, text_of(b"<a>Jan " + begun))
        assert re.fullmatch(b"<a>[A-Z][a-z]{2} " + begun + b"[\xf8-\xff];", text_of(b"<a>Jan " + begun + b"\x95;"))
    assert not text_of(b"<a>&#1234567").endswith(b"1234567")
    assert text_of(b"<a>&#xt; &#z;") == b"<a>&#xt; &#z;"


@pytest.mark.parametrize(
    "body",
    [
        "<a>Jan</a>".encode("utf-32"),
        "<a>Jan</a>".encode("utf-16") + b"x",
        b'<?xml version="1.0" encoding="x-none"?><a>Jan\xff</a>',
        '<?xml version="1.0" encoding="cp037"?><a>Jan</a>'.encode("cp037"),
        b"<a>Jan \xff\xfe\x80</a>",
        b'<?xml version="1.0" encoding="windows-1250"?><a>Jan \x81\x83</a>',
        "<a>Jan</a>".encode("utf-16-le") + b"\x00\xd8",
        b"\xff\xfe\0\0<a>Jan</a>",
        b"\xef\xbb\xbf<?xml versio<a>Jan</a>" + b" " * 1024,
        b'\xef<?xml version="1.0" encoding="windows-1250"?><a>Jan</a>',
    ],
)
def test_bytes_that_are_not_read(body):
    """What no reader takes has as many bytes afterwards, and is as unreadable; a byte order mark stays one."""
    new = scrubbed(body, "", KEY)
    assert len(new) == len(body) and new != body
    for mark in (codecs.BOM_UTF8, codecs.BOM_UTF32_LE):
        assert new.startswith(mark) == body.startswith(mark)
    if body.endswith(b" \x81\x83</a>"):
        assert new.endswith(b" \x81\x83</a>")


def test_every_encoding_can_be_turned_back():
    """Whatever bytes stand in an encoding that is read, they come out as they went in."""
    names = ["ascii", "utf-8"] + ["iso-8859-{}".format(number) for number in range(1, 17)]
    names += ["cp{}".format(number) for number in (437, 737, 775, *range(850, 870), 874, 1006, *range(1250, 1259))]
    body = bytes(range(256)) * 2 + bytes(range(255, 0, -1))
    for name in names + ["koi8-r", "koi8-t", "koi8-u", "latin9"]:
        found = decoded(body, "text/xml; charset=" + name)
        assert found.encoded(found.text) == body
    for body in (
        b"\xff\xfe\x00\xdc\x00\xd8a\0b",
        b"\xfe\xff\xd8\x00",
        b"\xff\xfe\0\0\xff\xff\xff\x7f",
        b"\xff\xfe\0\0a\0\0\0",
    ):
        found = decoded(body, "")
        assert found.encoded(found.text) == body


# --- JSON -----------------------------------------------------------------------------------------------------------


def test_json():
    """Strings and numbers of JSON change, and their escapes are spelled as before; names and constants stay."""
    body = (
        b'[ {"EMAIL":"anna@firma.cz", "ID_EMAIL" : 49872054,"STATUS":"5.1.1", "X": [true, null, -1.5, NaN, 1.0e2],\n'
        b'"REASON": "\\u017elut\\u00FD \\uD83D\\uDE00 \\ud835\\udc00\\n\\/\\"", "E\\u0041": "" ,'
        b' "S": {"STATUS": "x", "T": "y"}} ]'
    )
    new = scrubbed(body, "application/json", KEY)
    pattern = (
        b'\\[ {"EMAIL":"[a-z]{4}@[a-z]{5}\\.cz", "ID_EMAIL" : [1-9][0-9]{7},"STATUS":"5\\.1\\.1", '
        b'"X": \\[true, null, -[1-9]\\.[1-9], NaN, [1-9]\\.0e2\\],\n'
        b'"REASON": "\\\\u01?[0-9a-f]{2,3}[a-z]{3}\\\\u0[0-9A-F]{3} '
        b'\\\\uD83D\\\\uDE00 \\\\ud835\\\\udc[0-9a-f]{2}\\\\n\\\\/\\\\"", '
        b'"E\\\\u0041": "" , "S": {"STATUS": "x", "T": "[a-z]"}} \\]'
    )
    assert re.fullmatch(pattern, new), new
    assert new != body


@pytest.mark.parametrize(
    "body", [b'{"a": "Jan', b'["Jan\\', b'{"error": "Jan", "error_status": 1, x}]}', b'"Jan"', b"[Jan"]
)
def test_json_that_is_broken(body):
    """Broken JSON is as broken afterwards."""
    new = scrubbed(body, "application/json", KEY)
    assert b"Jan" not in new and len(new) == len(body)
    assert b'"error_status": 1, ' in new or b"error_status" not in body
