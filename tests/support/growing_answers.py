"""Answers of any size, one or more for each stage of a receipt, for tools/growth.py and its test: none of them may take
more than constant memory and linear time."""

import gzip
from typing import Any, NamedTuple

from tests.support.scripted_server import chunk, http

ROW = (
    "<value><struct><member><name>EMAIL</name><value><string>someone@example.com</string></value></member>"
    "<member><name>STATUS</name><value><string>5.1.1</string></value></member>"
    "<member><name>DATE</name><value><string>2014-12-23 12:36:02</string></value></member></struct></value>"
)
IRREGULAR = ROW.replace("<struct>", "<struct><!-- c -->")
HEAD = "<methodResponse><params><param><value><array><data>"
TAIL = "</data></array></value></param></params></methodResponse>"
MEMBER = "<value><struct><member><name>EMAIL</name><value>{}"
END = "</value></member></struct></value>"
JSON_ROW = '{"EMAIL":"someone@example.com","STATUS":"5.1.1","DATE":"2014-12-23 12:36:02"}'
FAULT = "<methodResponse><fault><value><struct><member><name>faultString</name><value>"
BAD = "\udcff"  # becomes the byte 0xFF

#: what a call says of an answer that grows: constant memory, or as much more for each byte that is in one value
CONSTANT, HELD = 0, 1


class Growing(NamedTuple):
    """*unit* is repeated between *before* and *behind*, with a number of its own for each # in it; *how* the client
    asks."""

    name: str
    before: str
    unit: str
    behind: str
    how: str = "iter"
    #: of the client
    options: Any = {}
    content_type: str = ""
    encoding: str = "utf-8"
    memory: int = CONSTANT
    status: str = "200 OK"

    @property
    def protocol(self):
        return "json" if self.before[:1] in ("[", "{", '"') else "xmlrpc"

    def body(self, size):
        before, unit, behind = (
            part.encode(self.encoding, "surrogateescape") for part in (self.before, self.unit, self.behind)
        )
        times = size // len(unit)
        if b"#" not in unit or b"&#" in unit:
            return before + unit * times + behind
        return before + b"".join(unit.replace(b"#", b"%x" % number) for number in range(times)) + behind

    def answer(self, size, framing):
        """The answer of about *size* bytes as steps of a scripted server."""
        headers = ["Content-Type: " + (self.content_type or ("text/xml", "application/json")[self.protocol == "json"])]
        steps = FRAMINGS[framing](self.body(size), headers, self.status)
        return tuple(_Pieces(step, 1 << 16) if isinstance(step, bytes) else step for step in steps)


class _End:
    """Close the connection."""

    def run(self, talk):
        talk.raw.shutdown(1)


class _Pieces:
    """Send *data* in pieces of *length*."""

    def __init__(self, data, length):
        self._data, self._length = data, length

    def run(self, talk):
        for at in range(0, len(self._data), self._length):
            talk.sock.sendall(self._data[at : at + self._length])


CHUNKED, GZIP = "Transfer-Encoding: chunked", "Content-Encoding: gzip"


def _length(body, headers, status):
    return (http(body, *headers, status=status),)


def _end(body, headers, status):
    return (http(body, *headers, length=None, status=status), _End())


def _chunks(size):
    def framed(body, headers, status):
        chunks = b"".join(chunk(body[at : at + size]) for at in range(0, len(body), size))
        return (http(b"", CHUNKED, *headers, length=None, status=status) + chunks + b"0\r\n\r\n",)

    return framed


def _gzip(framing, level=6, member=0):
    def framed(body, headers, status):
        length = member or len(body) or 1
        parts = [body[at : at + length] for at in range(0, len(body), length)]
        packed = b"".join(gzip.compress(part, level) for part in parts)
        return framing(packed, headers + [GZIP], status)

    return framed


def _small(body, headers, status):
    return (_Pieces(http(body, *headers, status=status), 500),)


def _in_head(body, headers, status):
    lines = ["X-{}: {}".format(at, body[at : at + 2500].decode("ascii")) for at in range(0, len(body), 2500)]
    return (_Pieces(http(b"[]", *(headers + lines), status=status), 50),)


FRAMINGS = {
    "length": _length,
    "chunks": _chunks(4000),
    "end": _end,
    "small chunks": _chunks(64),
    "small pieces": _small,
    "gzip": _gzip(_length),
    "gzip, chunks": _gzip(_chunks(50)),
    "gzip, end": _gzip(_end),
    "gzip, stored": _gzip(_length, level=0),
    "gzip, members": _gzip(_length, member=1000),
    "header lines": _in_head,
}
WHOLE = ("length", "chunks", "end")

REPLACE = {"on_bad_text": "replace"}
LATIN = "text/xml; charset=iso-8859-1"
XML_REPORT = Growing("report", HEAD, ROW, TAIL)
JSON_REPORT = Growing("report", "[" + JSON_ROW, "," + JSON_ROW, "]")

ANSWERS = (
    # rows, in every framing
    XML_REPORT,
    JSON_REPORT,
    Growing("irregular rows", HEAD, IRREGULAR, TAIL),
    Growing("every other row irregular", HEAD, ROW + IRREGULAR, TAIL),
    Growing("irregular rows", "[" + JSON_ROW, ', {"EMAIL": {"a": [-0]}, "B": "' + 300 * "x" + '"}', "]"),
    Growing("rows twice read", "[" + JSON_ROW, ',{"EMAIL":"\\ud83d\\udcec","R":["' + 300 * "x" + '"]}', "]"),
    Growing("rows of a campaign", "[", '{"ID_MESSAGE":"1","NAME":"a"},', '{"NAME":""}]', "campaigns", memory=HELD),
    Growing("rows in a list", HEAD, ROW, TAIL, "bounces", memory=HELD),
    Growing("elements of a value", HEAD, "<value>a</value>", TAIL, "call", memory=HELD),
    Growing("elements of a value", "[", '"a",', '""]', "call", memory=HELD),
    # names
    Growing("names of attributes", HEAD, ROW.replace("<value>", "<value a#=''>", 1), TAIL),
    Growing("names of instructions", HEAD, ROW + "<?p# ?>", TAIL),
    Growing("names of members", HEAD, ROW.replace("STATUS", "S#"), TAIL),
    Growing("names of members", "[" + JSON_ROW, "," + JSON_ROW.replace("STATUS", "S#"), "]"),
    Growing("different words", HEAD, ROW.replace("5.1.1", "5.1.# &amp;"), TAIL),
    Growing("different words", "[" + JSON_ROW, "," + JSON_ROW.replace("5.1.1", "5.1.#"), "]"),
    # one row, or one value
    Growing("long text", HEAD + MEMBER.format(""), "x", END + TAIL, memory=HELD),
    Growing("long text of references", HEAD + MEMBER.format(""), "&lt;", END + TAIL, memory=HELD),
    Growing("long CDATA", HEAD + MEMBER.format("<![CDATA["), "</struct></value>", "]]>" + END + TAIL, memory=HELD),
    Growing("long base64", HEAD + MEMBER.format("<base64>"), "QUJD\n", "</base64>" + END + TAIL, memory=HELD),
    Growing("comments", HEAD + ROW, "<!-- </struct></value> -->", TAIL),
    Growing("long text", '[{"EMAIL":"', "x", '"}]', memory=HELD),
    Growing("long text of escapes", '[{"EMAIL":"', "\\u010d\\n", '"}]', memory=HELD),
    Growing("long text of quotes", '[{"EMAIL":"', '\\"{}', '"}]', memory=HELD),
    # white space, and the check of the end
    Growing("blanks in front", "\n", " ", HEAD + TAIL),
    Growing("blanks between rows", HEAD + ROW, " \n", ROW + TAIL),
    Growing("blanks behind", HEAD + ROW + TAIL, "\r\n", ""),
    Growing("blanks in the last tag", HEAD + ROW + TAIL[:-1], " ", ">", memory=HELD),
    Growing("blanks in front", "[", " ", "]"),
    Growing("blanks behind", "[" + JSON_ROW + "]", "\n", ""),
    Growing("only blanks", "", " ", ""),
    # encodings
    Growing("report in Latin-1", HEAD, ROW + IRREGULAR.replace("5.1.1", "\xe9"), TAIL, "iter", {}, LATIN, "latin-1"),
    Growing("report in UTF-16", "\ufeff" + HEAD, ROW, TAIL, encoding="utf-16-le"),
    Growing("bad text", HEAD, ROW.replace("5.1.1", "\x01" + BAD + "&#2;"), TAIL, "iter", REPLACE),
    Growing(
        "bad text", "[" + JSON_ROW, "," + JSON_ROW.replace("5.1.1", "\x01" + BAD + "\\ud800"), "]", "iter", REPLACE
    ),
    # errors
    Growing("bad byte at the end", HEAD, ROW, ROW.replace("5.1.1", BAD) + TAIL),
    Growing("bad byte at the end", "[" + JSON_ROW, "," + JSON_ROW, ',{"EMAIL":"' + BAD + '"}]'),
    Growing("bad reference at the end", HEAD, IRREGULAR, ROW.replace("5.1.1", "&#2;") + TAIL, "iter", {}, LATIN),
    Growing("bad row at the end", HEAD, ROW, "<value><struct/></value>" + TAIL),
    Growing("no end", HEAD, ROW, ""),
    Growing("no end", "[" + JSON_ROW, "," + JSON_ROW, ""),
    Growing("something behind", HEAD + ROW + TAIL, "\n", "x</methodResponse>"),
    Growing("refusal", "<methodResponse><params><param><value>", "a@example.com %40 ", TAIL[15:], memory=HELD),
    Growing("refusal", '{"error_status":1,"error":"', "a&#64;example.com ", '"}', memory=HELD),
    Growing(
        "fault", FAULT, "a@example.com ", "</value></member></struct></value></fault></methodResponse>", memory=HELD
    ),
    Growing("fault, not 200", FAULT, "a@example.com ", "</value></fault></methodResponse>", status="500 Oops"),
    Growing("web page", "<html><title>", "a ", "</title></html>"),
    Growing("web page, not 200", "<html><title>", "a ", "</title></html>", status="400 Bad certificate"),
    Growing("nonsense", "x", "<", ""),
)
#: (answer, framing): every framing with a report, every answer with a length, and some with no length
CASES = (
    [(answer, framing) for answer in (XML_REPORT, JSON_REPORT) for framing in FRAMINGS if framing != "header lines"]
    + [(answer, "length") for answer in ANSWERS[2:]]
    + [(answer, "gzip, end") for answer in ANSWERS[2:] if "blank" in answer.name or "no end" in answer.name]
)
#: bytes of it are bounded
SHORT_CASES = [(Growing("header", "[", "x", "]"), "header lines")]
