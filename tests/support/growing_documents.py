"""Large answers in which one thing is repeated: each was or may be slow, or large in memory."""

from tests.support.irregular_rows import EMAIL, HEAD, TAIL
from tests.support.irregular_values import NAMES, OTHER_NAMES

_END = "</value></member></struct></value>"
_ROW = "<value><struct>" + EMAIL + "</struct></value>"
#: what is repeated, and what stands before and behind all of it; each was or may be slow, or large in memory
_GROWING = (
    ("</struct></value>", "<!--", "-->"),
    ("</struct></value>", "<?p ", "?>"),
    ("</struct> </value> ", "<value><struct a='", "'>"),
    ("</struct></value>", "<value><struct>" + EMAIL + "<member><name>R</name><value><![CDATA[", "]]>" + _END),
    ("x", "<!--", "-->"),
    ("x", "<value><struct>" + EMAIL + "<member><name>X</name><value>", "</value></member></struct></value>"),
    ("> ", "<value><struct>" + EMAIL + "<member><name>X</name><value>", "</value></member></struct></value>"),
    ("&lt;", "<value><struct><member><name>EMAIL</name><value>", "</value></member></struct></value>"),
    ("&#65;", "<value><struct><member><name>EMAIL</name><value><string>", "</string>" + _END),
    ("\u010d\n", "<value><struct><member><name>EMAIL</name><value><string>", "</string>" + _END),
    (" \n", "<value><struct>", EMAIL + "</struct></value>"),
    (" \n", "", ""),
    ("\r", "", ""),
    ("</struct>", "<!--", "-->"),
    (" ", "<value><struct>" + EMAIL + "</struct>", "</value>"),
    (" ", "<value><struct><member>", "</member></struct></value>"),
    (" ", "<value><struct><member><name>EMAIL</name><value>", "</value></member></struct></value>"),
    (" ", "<value><struct><member><name>EMAIL</name><value>", "<nil/></value></member></struct></value>"),
    ("<value><struct>" + EMAIL + "</struct></value>", "", ""),
    (_ROW + _ROW.replace(">a<", ">><"), "", ""),
    ("<value><struct>" + EMAIL + "</struct></value><!----><value><struct>" + EMAIL + "</struct></value>", "", ""),
    ("<value><struct>" + EMAIL + "</struct></value>\U0001f4ec".replace("\U0001f4ec", "<!--\U0001f4ec-->"), "", ""),
    ("<value><struct><member><name>EMAIL</name><value></value></member></struct></value >", "", ""),
    ("<value><struct>", "", ""),
    ("<array><data><value>", "<value>", ""),
    ("<member><name>EMAIL</name><value>", "<value><struct>", ""),
    (EMAIL, "<value><struct>", "</struct></value>"),
    ("<!-- c -->", "", ""),
    ("</struct></value>", "<![CDATA[", "]]>"),
    ("<!--</struct></value>-->", "", ""),
    ("<!--</struct></value>-->", "<value><struct>", EMAIL + "</struct></value>"),
)


def _shuffled(random, end):
    names = random.sample(NAMES[5:] + OTHER_NAMES[:2], 4)
    types = random.sample(("string", "i4", "int", "i8"), 4)
    member = "<member><name>{0}</name><value><{1}>5</{1}></value></member>".format
    return "<value><struct>" + "".join(map(member, names, types)) + end


def large(random, length):
    """About *length* bytes in which one thing is repeated; what it is is drawn."""
    unit, before, behind = random.choice(_GROWING)
    kind = random.randrange(8)
    if kind == 0:  # members of ever other names, in one row or in many
        many = random.choice((5, 50, 400, 100000))
        whole = []
        number = 0
        while 60 * number < length:
            members = range(number, number + min(many, length // 60))
            number += len(members)
            body = "".join("<member><name>M{}</name><value>{}</value></member>".format(n, n) for n in members)
            whole.append("<value><struct>{}{}</struct></value>".format(EMAIL, body))
        inside = "".join(whole)
    elif kind == 1:  # rows in ever other orders, the last of which is the only one that ends without white space
        ends = random.choice(("</struct> </value>", "</struct></value>", "</struct></value >"))
        inside = "".join(_shuffled(random, ends) for _ in range(length // 300)) + _shuffled(random, "</struct></value>")
    else:
        inside = before + unit * (length // len(unit.encode("utf-8"))) + behind
    some = "<value><struct>{}</struct></value>".format(EMAIL) * random.randrange(4)
    return "".join((HEAD, some, inside, some, TAIL)).encode("utf-8")
