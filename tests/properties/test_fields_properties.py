"""The normaliser against any struct of XML-RPC values: it fails only as promised, and never loses a value."""

import re
from datetime import datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from mailkit_xmlrpc import Bounce, UnexpectedShapeError
from mailkit_xmlrpc.protocol.fields import DateTimeText, bounce_from_struct
from tests.support.length import examples

TEXTS = {
    "EMAIL": "email",
    "STATUS": "status",
    "EMAIL_STATUS": "email_status",
    "BOUNCE_CAT": "bounce_cat",
    "REASON": "reason",
}
IDS = {"ID_EMAIL": "id_email", "ID_USER_LIST": "id_user_list", "ID_SEND_MESSAGE": "id_send_message"}
FIELDS = dict(TEXTS, DATE="date", **IDS)
ZONE = timezone(timedelta(hours=1))

THOROUGH = settings(max_examples=examples(200))

# Texts that look like something, beside any text at all.
digits = st.text("0123456789", max_size=25)
dates = st.datetimes().map(lambda date: date.replace(microsecond=0).isoformat(" "))
irregular = [
    "",
    " ",
    "0",
    "-1",
    "0000-00-00",
    "0000-00-00 00:00:00",
    "2014-12-23",
    "2014-12-23 12:36",
    "2014-02-30",
    "nan",
]
texts = st.one_of(st.text(max_size=10), st.sampled_from(irregular), digits, digits.map(" {}\n".format), dates)
stamps = st.one_of(dates.map(lambda text: text.replace("-", "").replace(" ", "T")), texts).map(DateTimeText)
numbers = st.one_of(
    st.integers(-(10**20) + 1, 10**20 - 1),  # what the decoder lets through
    st.integers(-2, 100),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(1 << 64), 1 << 64).map(float),
)
scalars = st.one_of(st.none(), st.booleans(), texts, stamps, numbers, st.binary(max_size=5))
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=6
)
documented = st.sampled_from(sorted(FIELDS))
cases = st.sampled_from([str.lower, str.title, str.swapcase])
names = st.one_of(documented, documented, st.builds(lambda name, change: change(name), documented, cases), texts)
structs = st.dictionaries(names, values, max_size=12)


def plain(value):
    """*value* as ``extra`` holds it: dateTimes as their text."""
    if type(value) is DateTimeText:
        return str(value)
    if type(value) is list:
        return [plain(item) for item in value]
    if type(value) is dict:
        return {name: plain(item) for name, item in value.items()}
    return value


def typed(value):
    """*value* with every type in it: 1, 1.0 and True are equal in Python, and not the same value."""
    if type(value) is list:
        return [typed(item) for item in value]
    if type(value) is dict:
        return {name: typed(item) for name, item in value.items()}
    return type(value), repr(value)


def says(field, value):
    """Whether what *field* holds is what *value* says, read as documented, told independently of the normaliser."""
    if value is None or (isinstance(value, str) and not value):
        return field in (None, "")
    if type(field) is str and type(value) is bytes:
        return field.encode("utf-8") == value
    if type(field) is str:
        return type(value) in (str, int, float) and field == (value if type(value) is str else repr(value))
    if type(field) is int:
        return type(value) in (str, int, float) and field == int(value)
    if type(field) is datetime:
        return isinstance(value, str) and re.sub("[^0-9]", "", value).ljust(14, "0") == (
            re.sub("[^0-9]", "", field.replace(tzinfo=None).isoformat())
        )
    return False


def capitals(name):
    """*name* with its ASCII letters in capitals, and no other letter touched."""
    return "".join(chr(ord(char) - 32) if "a" <= char <= "z" else char for char in name)


def source(struct, name):
    """The member of *struct* that feeds the field of the documented *name*, or None."""
    if name in struct:
        return name
    return min((other for other in struct if capitals(other) == name), default=None)


@THOROUGH
@given(values, st.sampled_from([None, ZONE]), st.integers(0, 1 << 40))
def test_any_value_is_a_row_or_refused(value, tz, index):
    """Whatever stands where a row should, it becomes a Bounce, or an error that names the row."""
    try:
        bounce = bounce_from_struct(value, 123456, tz, index)
    except UnexpectedShapeError as error:
        assert error.detail.startswith("row {} ".format(index))
        assert type(value) is not dict or not any(source(value, name) is not None for name in FIELDS)
    else:
        assert type(bounce) is Bounce


@THOROUGH
@given(structs, st.sampled_from([None, ZONE]))
def test_struct_loses_no_value(struct, tz):
    """Every value sent is found again: in its field, as documented, or verbatim in extra under the name as sent."""
    before = typed(struct)
    try:
        bounce = bounce_from_struct(struct, 123456, tz)
    except UnexpectedShapeError:
        assert not any(source(struct, name) is not None for name in FIELDS)
        return
    finally:
        assert typed(struct) == before
    fed = {source(struct, name): getattr(bounce, field) for name, field in FIELDS.items()}
    for name, value in struct.items():
        if name in bounce.extra:
            assert typed(bounce.extra[name]) == typed(plain(value))
            assert name not in fed or fed[name] in (None, "")
        else:
            assert says(fed[name], value)
    assert set(bounce.extra) <= set(struct)


@THOROUGH
@given(structs, st.sampled_from([None, ZONE]))
def test_fields_have_their_types(struct, tz):
    """Every field has its documented type, plain, within its documented range."""
    struct["EMAIL"] = struct.get("EMAIL")
    bounce = bounce_from_struct(struct, 123456, tz)
    assert all(type(getattr(bounce, field)) is str for field in TEXTS.values())
    for field in IDS.values():
        number = getattr(bounce, field)
        assert number is None or type(number) is int and 0 <= number < 1 << 63
    assert bounce.date is None or type(bounce.date) is datetime and bounce.date.tzinfo is tz
    assert type(bounce.extra) is dict and bounce.id_send == 123456
    assert hash(bounce) == hash(bounce_from_struct(struct, 123456, tz))


@THOROUGH
@given(structs, st.randoms())
def test_order_means_nothing(struct, random):
    """The same members in another order are the same row."""
    struct["EMAIL"] = "user@example.com"
    order = list(struct)
    random.shuffle(order)
    other = bounce_from_struct({name: struct[name] for name in order}, 123456)
    assert bounce_from_struct(struct, 123456) == other
