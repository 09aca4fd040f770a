"""The row: plain data that nobody can change, and that travels between all Pythons."""

import copy
import json
import pickle
import sys
from dataclasses import FrozenInstanceError, asdict, astuple, fields, replace
from datetime import datetime

import pytest

import mailkit_xmlrpc
from mailkit_xmlrpc import Bounce, EmailStatus
from mailkit_xmlrpc.model import records
from tests.support.pickled import AWARE, EMPTY, WHOLE

FIELDS = [
    "id_send",
    "email",
    "id_email",
    "id_user_list",
    "id_send_message",
    "date",
    "status",
    "email_status",
    "bounce_cat",
    "reason",
    "extra",
]

ROWS = pytest.mark.parametrize("row", [WHOLE, EMPTY, AWARE], ids=["whole", "empty", "aware"])


def test_fields_in_order():
    """The fields have their documented order, which is the order of every output too."""
    assert [field.name for field in fields(Bounce)] == FIELDS
    assert astuple(WHOLE)[:4] == (123456, "user@example.com", 49872054, 9223372036854775807)
    assert list(asdict(EMPTY)) == FIELDS


def test_to_dict():
    """All fields in their order and the kind, ready for json.dumps: dates as text, bytes marked."""
    assert json.loads(json.dumps(EMPTY.to_dict())) == dict(asdict(EMPTY), kind="unknown")
    row = replace(EMPTY, date=datetime(2014, 12, 23, 12, 36, 2), status="5.1.1", extra={"X": [b"\x00"], "$bytes": None})
    values = row.to_dict()
    assert list(values) == FIELDS + ["kind"]
    assert json.loads(json.dumps(values)) == values
    assert values["date"] == "2014-12-23T12:36:02" and type(values["kind"]) is str and values["kind"] == row.kind
    assert values["extra"] == {"X": [{"$bytes": "AA=="}], "$$bytes": None}
    assert AWARE.to_dict()["date"] == AWARE.date.isoformat()
    values["extra"]["X"] = values["id_send"] = 0
    assert row.extra["X"] == [b"\x00"] and row.id_send == EMPTY.id_send


def test_made_by_position_or_name():
    """A row can be made of values in that order, or by name; only extra may be left out."""
    values = [getattr(WHOLE, name) for name in FIELDS]
    assert Bounce(*values) == Bounce(**dict(zip(FIELDS, values))) == WHOLE
    with pytest.raises(TypeError):
        Bounce(*values[:9])


def test_made_quickly():
    """The quick way makes the same rows as the class itself does."""
    for row in (WHOLE, EMPTY, AWARE):
        quick = records.quick_bounce(*[getattr(row, name) for name in FIELDS])
        assert_same(row, quick)
        assert list(vars(quick)) == list(vars(row)) == FIELDS
        assert repr(quick) == repr(row)


def test_quick_ones_are_no_larger():
    """The dict of a row that was made quickly shares its names with all others (PEP 412)."""
    quick = records.quick_bounce(*[getattr(WHOLE, name) for name in FIELDS])
    ordinary = Bounce(*[getattr(WHOLE, name) for name in FIELDS])
    assert sys.getsizeof(vars(quick)) < 1.1 * sys.getsizeof(vars(ordinary))


def test_extra_of_its_own():
    """Every row made without extra has an empty dict of its own."""
    other = Bounce(*astuple(EMPTY)[:10])
    assert other.extra == EMPTY.extra == {}
    assert other.extra is not EMPTY.extra


@pytest.mark.parametrize("name", FIELDS + ["other"])
def test_immutable(name):
    """No field can be set or deleted, and none added."""
    row = copy.copy(WHOLE)
    with pytest.raises(FrozenInstanceError):
        setattr(row, name, "x")
    with pytest.raises(FrozenInstanceError):
        delattr(row, name)
    assert row == WHOLE


@pytest.mark.parametrize("name", FIELDS)
def test_equal_when_all_fields_are(name):
    """Rows are equal when every field is, extra included; a row is nothing but a row."""
    changed = replace(WHOLE, **{name: {"other": 1} if name == "extra" else "other"})
    assert changed != WHOLE and not changed == WHOLE
    assert replace(changed, **{name: getattr(WHOLE, name)}) == WHOLE
    assert WHOLE != astuple(WHOLE)


@pytest.mark.parametrize("name", FIELDS)
def test_hash_of_all_but_extra(name):
    """Equal rows hash alike, in sets and as keys, although a dict hangs on them; every other field counts."""
    changed = replace(WHOLE, **{name: {"other": 1} if name == "extra" else "other"})
    assert len({WHOLE, copy.deepcopy(WHOLE), changed}) == 2
    assert {WHOLE: 1}[copy.copy(WHOLE)] == 1
    assert (hash(changed) == hash(WHOLE)) is (name == "extra")


def test_word_serves_as_text():
    """A row made with a known word equals, and hashes like, the row that was read."""
    row = replace(WHOLE, email_status=EmailStatus.TEMPORARY)
    assert row == WHOLE and hash(row) == hash(WHOLE)
    assert WHOLE.email_status == EmailStatus.TEMPORARY


def test_repr_is_the_data():
    """A row shows all of its data, as the call that makes it."""
    assert repr(EMPTY) == (
        "Bounce(id_send=123456, email='', id_email=None, id_user_list=None, id_send_message=None, date=None, status='',"
        " email_status='', bounce_cat='', reason='', extra={})"
    )
    assert eval(repr(WHOLE), {"Bounce": Bounce, "datetime": __import__("datetime")}) == WHOLE


def assert_same(row, other):
    """*row* and *other* are the same data of the same types."""
    assert type(other) is Bounce
    assert other == row and hash(other) == hash(row)
    assert [type(getattr(other, name)) for name in FIELDS] == [type(getattr(row, name)) for name in FIELDS]
    with pytest.raises(FrozenInstanceError):
        other.email = "x"


@ROWS
def test_copy(row):
    """A copy is the same row; only the deep one has an extra of its own."""
    assert_same(row, copy.copy(row))
    deep = copy.deepcopy(row)
    assert_same(row, deep)
    assert copy.copy(row).extra is row.extra
    assert deep.extra is not row.extra


@ROWS
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickle(row, protocol):
    """A row survives every pickle protocol of this Python."""
    assert_same(row, pickle.loads(pickle.dumps(row, protocol)))


def test_exported():
    """The module exports the records, and the package exports the row."""
    assert records.__all__ == ["Bounce", "Campaign", "Delivery", "Outcome"]
    assert mailkit_xmlrpc.Bounce is Bounce
    assert Bounce.__doc__.startswith("One undelivered e-mail")
