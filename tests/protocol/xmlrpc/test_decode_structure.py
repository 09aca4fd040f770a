"""The decoder's structure: where xmlrpc.client silently shifts, merges or drops values, here is an error."""

import pytest

from mailkit_xmlrpc import MalformedResponseError, UnexpectedShapeError
from tests.support.decoding import answer, decode, refused, struct

MEMBER = "<member><name>a</name><value>1</value></member>"
FAULT = "<fault><value>1</value></fault>"
PARAMS = "<params><param><value>2</value></param></params>"

CORRUPT = {
    "tag in a string": answer("<value><string>pay <b>100</b> EUR</string></value>"),
    "tag in text": answer("<value>pay <b>100</b> EUR</value>"),
    "tag in an int": answer("<value><int>1<b/>2</int></value>"),
    "tag in a name": answer(struct("<member><name>a<b/></name><value>1</value></member>")),
    "two values in a value": answer("<value><int>1</int><int>2</int></value>"),
    "two types in a member": answer(struct("<member><name>a</name><value><int>1</int><i4>2</i4></value></member>")),
    "two values in a member": answer(struct("<member><name>a</name><value>1</value><value>2</value></member>")),
    "two names in a member": answer(struct("<member><name>a</name><name>b</name><value>1</value></member>")),
    "name after value": answer(struct("<member><value>1</value><name>a</name></member>")),
    "member without value": answer(struct("<member><name>a</name></member>" + MEMBER)),
    "member without name": answer(struct("<member><value>1</value></member>")),
    "empty member": answer(struct("<member/>")),
    "value in a struct": answer(struct("<value>1</value>")),
    "name in a struct": answer(struct("<name>a</name><value>1</value>")),
    "text before a typed value": answer("<value>abc<int>5</int></value>"),
    "text after a typed value": answer("<value><int>5</int>def</value>"),
    "text in a struct": answer(struct(MEMBER + "x")),
    "text in a member": answer(struct("<member>x<name>a</name><value>1</value></member>")),
    "text after a name": answer(struct("<member><name>a</name>x<value>1</value></member>")),
    "text in an array": answer("<value><array>x<data/></array></value>"),
    "text in data": answer("<value><array><data>x<value>1</value></data></array></value>"),
    "text after the values": answer("<value><array><data><value>1</value>x</data></array></value>"),
    "text in a param": answer("x<value>1</value>"),
    "text in params": "<methodResponse><params>x</params></methodResponse>",
    "text in the root": "<methodResponse>x" + PARAMS + "</methodResponse>",
    "no-break space between tags": answer("\u00a0<value>1</value>"),
    "value in an array": answer("<value><array><value>1</value></array></value>"),
    "two data in an array": answer("<value><array><data/><data/></array></value>"),
    "member in data": answer("<value><array><data>" + MEMBER + "</data></array></value>"),
    "data without array": answer("<value><data/></value>"),
    "value in a value": answer("<value><value>1</value></value>"),
    "scalar without value": answer("<int>1</int>"),
    "two values in a param": answer("<value>1</value><value>2</value>"),
    "param without value": answer(""),
    "value without param": "<methodResponse><params><value>1</value></params></methodResponse>",
    "param without params": "<methodResponse><param><value>1</value></param></methodResponse>",
    "value without params": "<methodResponse><value>1</value></methodResponse>",
    "params after a fault": "<methodResponse>" + FAULT + PARAMS + "</methodResponse>",
    "fault after params": "<methodResponse>" + PARAMS + FAULT + "</methodResponse>",
    "two faults": "<methodResponse>" + FAULT + FAULT + "</methodResponse>",
    "two params": "<methodResponse>" + PARAMS + PARAMS + "</methodResponse>",
    "two values in a fault": "<methodResponse><fault><value>1</value><value>2</value></fault></methodResponse>",
    "root params": PARAMS,
    "root fault": FAULT,
    "other root": "<html><body>Unauthorized</body></html>",
    "root in another case": answer("<value/>").replace("methodResponse", "MethodResponse"),
    "root with a prefix": answer("<value/>").replace("methodResponse", "x:methodResponse"),
    "type with a prefix": answer("<value><foo:int>1</foo:int></value>"),
    "unknown type": answer("<value><long>1</long></value>"),
    "type in another case": answer("<value><INT>1</INT></value>"),
}

SHAPES = {
    "methodCall": ("<methodCall><methodName>x</methodName></methodCall>", "a methodCall instead of a methodResponse"),
    "no param": ("<methodResponse><params></params></methodResponse>", "a methodResponse without a param"),
    "no params": ("<methodResponse/>", "a methodResponse without a param"),
    "two params": (answer("<value>1</value></param><param><value>2</value>"), "more than one param"),
    "two members of one name": (answer(struct(MEMBER + MEMBER)), "row 0 has two members of one name"),
}


@pytest.mark.parametrize("name", CORRUPT)
def test_structure_corrupt(name):
    """Tags or text where none may stand are an error, never a shifted, merged or lost value."""
    assert type(refused(CORRUPT[name])) is MalformedResponseError


@pytest.mark.parametrize("name", SHAPES)
def test_structure_of_another_shape(name):
    """What is XML-RPC, but not one value, is told as that."""
    document, detail = SHAPES[name]
    error = refused(document)
    assert (type(error), error.detail) == (UnexpectedShapeError, detail)


def test_structure_duplicate_names_row():
    """The row that has two members of one name is counted over all that were read."""
    nested = struct(MEMBER + "<member><name>b</name>" + struct(MEMBER) + "</member>")
    rows = "<value/>" * 5 + nested + struct(MEMBER * 2)
    error = refused(answer("<value><array><data>{}</data></array></value>".format(rows)))
    assert error.detail == "row 6 has two members of one name"


def test_fault_duplicate_names():
    """A fault with two members of one name is a fault still."""
    fault = "<methodResponse><fault>{}</fault></methodResponse>".format(struct(MEMBER * 2))
    assert decode(fault.encode()) == {"fault": {"a": "1"}}


@pytest.mark.parametrize("inside", ["", " ", "\n"])
def test_fault_empty(inside):
    """A fault with nothing in it is a fault."""
    assert decode("<methodResponse><fault>{}</fault></methodResponse>".format(inside).encode()) == {"fault": None}


def test_unknown_tag_told():
    """A tag's name is told as it stands there; what may be shown of it is decided where the error leaves."""
    assert refused(answer("<value><{}/></value>".format("x" * 500))).detail == (
        "a value of the unknown type <{}>".format("x" * 500)
    )
