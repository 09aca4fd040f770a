"""The decoder of the JSON form: what is a report, a value, an error; in pieces of any size."""

import json
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailkit_xmlrpc import MailkitError, MalformedResponseError, ResponseTooLargeError, UnexpectedShapeError
from mailkit_xmlrpc.protocol.json import decoder as _json
from mailkit_xmlrpc.protocol.json.decoder import RUN, Decoder
from mailkit_xmlrpc.protocol.limits import MAX_DEPTH, MAX_DOUBLE_CHARS, MAX_INT_CHARS, MAX_VALUES

ROW = {"EMAIL": "anna@example.com", "ID_EMAIL": "49872054", "STATUS": "5.1.1", "REASON": "plná schránka 😀"}


def decoded(body, size=1 << 18):
    """(rows, lone value or None) of *body*, fed *size* bytes at a time."""
    decoder = Decoder()
    for at in range(0, len(body), size):
        decoder.feed(body[at : at + size])
    decoder.close()
    return decoder.items, decoder.found.get("value")


def outcome(body, size):
    """What *body* is decoded to, or the class and the text of the error."""
    try:
        return decoded(body, size)
    except MailkitError as error:
        return type(error), str(error)


def in_pieces(body):
    """What *body* is decoded to, however it is cut."""
    outcomes = [outcome(body, size) for size in (len(body) or 1, 1, 2, 3, 7)]
    assert all(other == outcomes[0] for other in outcomes), outcomes
    return outcomes[0]


# --- what is read -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [ROW],
        [ROW, ROW, dict(ROW, EMAIL="b@example.com")],
        [{}],
        [{"EMAIL": ""}],
        [{"EMAIL": '"quoted" \\ {[,:]} / \b\f\n\r\t \u0000 \u2028'}],
        [{"EMAIL": "\\"}, {"EMAIL": '\\"'}, {"EMAIL": "}"}, {"EMAIL": "},{"}, {"EMAIL": "]"}],
        [{'a"b': "c", "\\": '"'}],
        [{"A": 1, "B": -2.5, "C": True, "D": False, "E": None, "F": 1e300, "G": []}],
        [{"A": {"B": {"C": ["d", {"E": "f"}]}}}, ROW],
        [1, "x", None, ROW, [], {}],
        [ROW, {"A": 1}, ROW, ROW],
        [{"REASON": "550 mx.example.com[192.0.2.1] said: [x], {y}"}] * 3,
    ],
    ids=repr,
)
@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("space", ["", " ", "\n\t\r "])
def test_rows(rows, ascii_only, space):
    """Every array gives what json gives for it, however it is written and cut."""
    text = json.dumps(rows, ensure_ascii=ascii_only, separators=("," + space, space + ":" + space))
    assert in_pieces((space + text + space).encode("utf-8")) == (rows, None)


@pytest.mark.parametrize(
    "value", ["", "x", " ", {}, {"EMAIL": "a"}, {"a": [1, {"b": None}]}, 0, 12.5, True, None], ids=repr
)
def test_lone_value(value):
    """What is no array is the one value."""
    assert in_pieces(json.dumps(value).encode("utf-8")) == ([], value)
    assert in_pieces("\r\n {}\t".format(json.dumps(value)).encode("utf-8")) == ([], value)


def test_byte_order_mark():
    """One mark at the very beginning is passed over (RFC 8259 8.1), any other is no JSON."""
    assert in_pieces(b"\xef\xbb\xbf[]") == ([], None)
    for body in (b"\xef\xbb\xbf\xef\xbb\xbf[]", b"\n\xef\xbb\xbf[]", b"[]\xef\xbb\xbf"):
        assert in_pieces(body)[0] is MalformedResponseError


def test_rows_come_as_they_close():
    """A row is there once its brace and the piece it came in are; nothing is kept behind it."""
    decoder = Decoder()
    decoder.feed(b'[{"A":"1"},{"A"')
    assert decoder.items == [{"A": "1"}] and "array" in decoder.found
    del decoder.items[:]
    decoder.feed(b':"2"}')
    assert decoder.items == [{"A": "2"}]
    decoder.feed(b"]")
    decoder.close()


def test_plain_rows_take_the_short_way(monkeypatch):
    """Documented rows are not decoded one by one, but for the few that a piece or a run cuts."""
    one_by_one = []
    original = _json._value_of
    monkeypatch.setattr(_json, "_value_of", lambda text: one_by_one.append(text) or original(text))
    rows = [dict(ROW, ID_EMAIL=str(number)) for number in range(3000)]
    assert decoded(json.dumps(rows).encode("utf-8"), 1 << 16) == (rows, None)
    assert len(one_by_one) < 10
    rows[1500]["ID_EMAIL"] = 5  # an irregular one
    del one_by_one[:]
    assert decoded(json.dumps(rows).encode("utf-8"), 1 << 16) == (rows, None)
    assert len(one_by_one) < 10 + RUN // len(json.dumps(ROW)) + 1


def test_large_rows():
    """A row larger than a run, or than many pieces, is read as well."""
    rows = [{"REASON": "x" * (3 * RUN)}, ROW, {"A": ["y" * RUN, '\\"' * RUN]}, ROW]
    assert decoded(json.dumps(rows).encode("utf-8"), 1000) == (rows, None)


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body, detail",
    [
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (b"\xef\xbb\xbf", "it is empty"),
        (b"[", "it ends too early"),
        (b"[1,", "it ends too early"),
        (b'[{"A":"1"}', "it ends too early"),
        (b'[{"A":"1"},', "it ends too early"),
        (b'[{"A":"1"', "it ends too early"),
        (b'{"A":"1"', "it cannot be read"),
        (b'"x', "it cannot be read"),
        (b"<html></html>", "it cannot be read"),
        (b"nul", "it cannot be read"),
        (b"NULL", "it cannot be read"),
        (b"01", "it cannot be read"),
        (b"'x'", "it cannot be read"),
        (b"{'A': 1}", "it cannot be read"),
        (b'{"A": 1,}', "it cannot be read"),
        (b"[1,]", "what stands at row 1 cannot be read"),
        (b"[,1]", "what stands at row 0 cannot be read"),
        (b"[1 2]", "what stands at row 1 cannot be read"),
        (b'[{"A":"1"}{"A":"2"}]', "what stands at row 1 cannot be read"),
        (b'[{"A":"1"},,{"A":"2"}]', "what stands at row 1 cannot be read"),
        (b'[{"A":"1"}}]', "what stands at row 1 cannot be read"),
        (b'[{"A":"1"}, {"A":1]}]', "what stands at row 1 cannot be read"),
        (b'[{"A":"tab\there"}]', "what stands at row 0 cannot be read"),
        (b'[{"A":"\\x41"}]', "what stands at row 0 cannot be read"),
        (b'[{"A":"\\u 123"}]', "what stands at row 0 cannot be read"),
        (b'[{"A":"\\u+123"}]', "what stands at row 0 cannot be read"),
        (b'[{"A":"\\u1_23"}]', "what stands at row 0 cannot be read"),
        (b'[{"\\\\\\u-123":"A"}]', "what stands at row 0 cannot be read"),
        (b'"\\u 123"', "it cannot be read"),
        ('[{"A":"\\u\u0661\u0662\u0663\u0664"}]'.encode("utf-8"), "what stands at row 0 cannot be read"),
        ("[1\u0663]".encode("utf-8"), "what stands at row 0 cannot be read"),
        ('[{"A":1.\u0663}]'.encode("utf-8"), "what stands at row 0 cannot be read"),
        ('[{"A":1e\u0663}]'.encode("utf-8"), "what stands at row 0 cannot be read"),
        (b'[{"A":"1" // no\n}]', "what stands at row 0 cannot be read"),
        (b"[] []", "something behind its end"),
        (b"[]]", "something behind its end"),
        (b"[],", "something behind its end"),
        (b"[]\0", "something behind its end"),
        (b"{}{}", "something behind its end"),
        (b"null,", "something behind its end"),
        (b"NaN", "NaN, which JSON does not have"),
        (b'[{"A":NaN}]', "NaN, which JSON does not have"),
        (b'[{"A":-Infinity}]', "-Infinity, which JSON does not have"),
        (b'[{"A":1e999}]', "a number that is not finite"),
        (b"[" + b"1" * (MAX_DOUBLE_CHARS) + b".5]", "a number that is not finite"),
        (b"[" + b"1" * (MAX_INT_CHARS + 1) + b"]", "a number of more than 20 digits"),
        (b'[{"A":"\xff"}]', "bytes that are not UTF-8"),
        (b'[{"A":"\xed\xa0\x80"}]', "bytes that are not UTF-8"),
        (b'[{"A":"\xc3', "bytes that are not UTF-8"),
        ('[{"A":"x"}]'.encode("utf-16"), "bytes that are not UTF-8"),
        (b'[{"A":"\\ud800"}]', "half of a surrogate pair"),
        (b'[{"\\uDFFF":"x"}]', "half of a surrogate pair"),
        (b'"\\udc00\\ud800"', "half of a surrogate pair"),
    ],
)
def test_malformed(body, detail):
    """What is no JSON is told, with the same words however it is cut, and never read as something else."""
    kind, text = in_pieces(body)
    assert kind is MalformedResponseError
    assert text == "the answer is not XML-RPC: {}".format(detail)  # the caller names the form


def test_escapes_where_json_has_no_scanner_in_c():
    """json's own scanner, which PyPy uses, would read "\\u 123" as a letter: it does not get to see that."""
    decode, strict = json.JSONDecoder().decode, _json._StrictDecoder().decode
    assert _json._Decoder is (json.JSONDecoder if _json._HAS_SCANNER else _json._StrictDecoder)
    for text in (r'"\\u 123"', r'"\\\\u0041"', r'"\u0041\\u-1"', '"x"'):
        assert strict(text) == decode(text)
    for text in (r'"\u 123"', r'"\\\u+123"', r'"\u1_23"', r'"\u12"'):
        with pytest.raises(ValueError, match="no escape"):
            strict(text)


def test_number_at_its_limit():
    """The longest number that is read, and a surrogate pair."""
    digits = "9" * MAX_INT_CHARS
    assert in_pieces("[{}]".format(digits).encode("ascii")) == ([int(digits)], None)
    assert in_pieces(b'["\\ud83d\\ude00"]') == (["\U0001f600"], None)


@pytest.mark.parametrize("digits", ["9" * (MAX_INT_CHARS + 1), "-" + "9" * MAX_INT_CHARS, "1" + "0" * MAX_INT_CHARS])
def test_number_beyond_its_limit_in_a_row(digits):
    """One more digit is an error, in a run of rows as elsewhere."""
    body = '[{{"EMAIL": 5}}, {{"EMAIL": {}}}]'.format(digits).encode("ascii")
    assert in_pieces(body)[1] is not None
    longest = digits[:-1].encode("ascii")
    assert in_pieces(b'[{"EMAIL": ' + longest + b"}]") == ([{"EMAIL": int(longest)}], None)


@pytest.mark.parametrize(
    "body, row",
    [
        (b'[{"A":"1","A":"2"}]', 0),
        (b'[{"A":"1"},{"A":"1","A":"1"}]', 1),
        (b'[{"A":"1"},{"A":{"B":1,"B":2}}]', 1),
        (b'[{"A":1,"A":"x"}]', 0),
        (b'[{"A":1,"A":2}]', 0),
        (b'[{"A":"x","A":1}]', 0),
        (b'[{"A":"\\"","\\u0041":"\\\\"}]', 0),
        (b'{"A":"1","A":"1"}', 0),
    ],
)
def test_two_members_of_one_name(body, row):
    """json would keep the second; nothing Mailkit sent may be dropped, so it is told which row it is."""
    kind, text = in_pieces(body)
    assert kind is UnexpectedShapeError
    assert "row {} has two members of one name".format(row) in text


@pytest.mark.parametrize("opening, closing", [("[", "]"), ('[{"A":', "}]")])
def test_depth(opening, closing):
    """As deep as the limit is read, one deeper is not, and far deeper never reaches the recursion of json."""
    per_step = len(opening.replace('"A":', ""))
    steps = MAX_DEPTH // per_step
    filled = (opening * steps + "1" + closing * steps).encode("ascii")
    rows, _ = in_pieces(filled)
    assert len(rows) == 1
    for deeper in (1, 1000, 100000):
        body = (opening * (steps + deeper) + "1" + closing * (steps + deeper)).encode("ascii")
        kind, text = outcome(body, 1 << 18)
        assert kind is ResponseTooLargeError
        assert "32 levels" in text


@pytest.mark.parametrize("before, behind", [("", ""), ("[", "]"), ('["a", 1, ', "]")])
@pytest.mark.parametrize("size", [1, 7, 1 << 18])
def test_one_value_is_bounded(before, behind, size):
    """What is held until it closes may have so many characters and not one more, in whatever pieces it comes."""
    for value, right in (('"{}"'.format("x" * 98), True), ('"{}"'.format("x" * 99), False)):
        decoder = Decoder(max_value=100)
        body = (before + value + behind).encode("ascii")
        try:
            for at in range(0, len(body), size):
                decoder.feed(body[at : at + size])
            decoder.close()
        except ResponseTooLargeError as error:
            assert not right
            assert (error.limit, error.unit, error.detail) == (100, "characters", "one value in it")
        else:
            assert right


@pytest.mark.parametrize(
    "before, behind, limit", [('{"A": ', "}", 8), ("[", "]", 7), ('["a", [1, 2], ', "]", 7)], ids=range(3)
)
@pytest.mark.parametrize("size", [1, 7, 1 << 18])
def test_content_of_one_value_is_bounded(before, behind, limit, size):
    """One row, or the only value, may have so much in it and not one value more, in whatever pieces it comes. What
    stands in texts does not count."""
    for rest, right in (("", True), (",7", False)):
        decoder = Decoder(max_values=limit)
        body = '["A,,,{{", 1, [2, "[[,,,", {{"\\",,": ","}} {}]]'.format(rest)
        body = (before + body + behind).encode("ascii")
        try:
            for at in range(0, len(body), size):
                decoder.feed(body[at : at + size])
            decoder.close()
        except ResponseTooLargeError as error:
            assert not right
            assert (error.limit, error.unit, error.detail) == (limit, "values", "the content of one value in it")
        else:
            assert right


def test_limit_of_content_default():
    """A value has at most 262,144 commas and opening brackets."""
    for past, right in ((0, True), (1, False)):
        decoder = Decoder()
        body = b'[{"A":[' + b"1," * (MAX_VALUES - 2 + past) + b"1]}]"
        try:
            decoder.feed(body)
            assert right
        except ResponseTooLargeError as error:
            assert error.limit == 1 << 18
            assert not right


def test_many_values_are_not_bounded():
    """The limits are those of one value: what came before does not count."""
    decoder = Decoder(max_value=100, max_values=5)
    decoder.feed(b"[" + b'"xxxxxxxxxxxxxxxxxxxx", ' * 50 + b"1]")
    decoder.close()
    assert len(decoder.items) == 51


def test_depth_with_a_high_recursion_limit():
    """A host that raised the recursion limit is not brought to overflow its stack."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(1000000)
    try:
        for body in (b'[{"A":' + b"[" * 500000, b'[{"A":' + b'{"":' * 500000, b'[{"A":"}"' + b',"B":[' * 500000):
            assert outcome(body, 1 << 18)[0] is ResponseTooLargeError
    finally:
        sys.setrecursionlimit(limit)


def test_little_stack_left():
    """A caller deep in recursion gets our own error or the rows, never a RecursionError out of json itself."""

    def at_depth(depth):
        if depth:
            return at_depth(depth - 1)
        return _json._rows_of('{"A":' + "[" * 400 + "]" * 400 + "}")

    assert at_depth(sys.getrecursionlimit() // 2)[0] is None


# --- properties -------------------------------------------------------------------------------------------------------

TEXTS = st.text(alphabet=st.characters(blacklist_categories=("Cs",)), max_size=8) | st.sampled_from(
    ['"', "\\", '\\"', "{", "}", "},{", "[", "]", ",", ":", "\\u0041", "a@example.com"]
)
SCALARS = TEXTS | st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.floats(-1e6, 1e6)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=6
)
ROWS = st.lists(st.dictionaries(TEXTS, TEXTS, max_size=4) | VALUES, max_size=8)


@given(ROWS, st.booleans(), st.integers(1, 60))
def test_what_json_gives(rows, ascii_only, size):
    """Every array is decoded to what json.loads gives, in any pieces."""
    assert decoded(json.dumps(rows, ensure_ascii=ascii_only).encode("utf-8"), size) == (rows, None)


@settings(max_examples=300)
@given(ROWS, st.data())
def test_damage(rows, data):
    """One byte taken out or put in: what json.loads gives for it, or our own error; the same however it is cut."""
    body = json.dumps(rows).encode("utf-8")
    at = data.draw(st.integers(0, len(body)))
    put = data.draw(st.sampled_from([b"", b'"', b"{", b"}", b"[", b"]", b",", b":", b"\\", b"0", b"\xff", b" "]))
    body = body[:at] + put + body[at + (not put) :]
    ours = in_pieces(body)
    try:
        theirs = json.loads(body.decode("utf-8"))
    except ValueError:
        assert ours[0] in (MalformedResponseError, ResponseTooLargeError, UnexpectedShapeError)
    else:
        if isinstance(ours[0], list):
            assert ours == (theirs, None) if isinstance(theirs, list) else ours == ([], theirs)
        else:  # the strict part: two members of one name, half of a pair, a number beyond limits
            assert ours[0] in (MalformedResponseError, UnexpectedShapeError)
