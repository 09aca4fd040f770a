"""Rows, heads and tails of generated reports: irregular and fatal ones of every kind; see ``irregular_values``."""

# --- rows -----------------------------------------------------------------------------------------------------------

# what stands in a comment or in CDATA looks like the end of a row and one more
_INSIDE = "</struct></value><value><struct><member><name>EMAIL</name><value>no</value></member></struct></value>"
IRREGULAR_ROWS = (
    "<value><struct><member><name>EMAIL</name><value><!--{0}--></value></member></struct></value><!--{0}-->"
    "<?p {0}?>".format(_INSIDE),
    "<value><struct><member><name>EMAIL</name><value><![CDATA[{0}]]>{1}</value></member></struct></value>".format(
        _INSIDE, "<!--c-->"
    ),
    "<value><struct><member><name>email</name><value>a</value></member><member><name>STATUS</name><value>b</value>"
    "</member>"
    "</struct></value>",
    "<value><struct><!-- c --><member><name>EMAIL</name><value>a</value></member></struct></value>",
    "<value><struct><member><name>EMAIL</name><value>a</value></member></struct></value><!-- c -->",
    "<!-- <value><struct></struct></value> --><?p </struct></value>?>",
    "<value><struct a='b'><member><name>EMAIL</name><value>a</value></member></struct></value>",
    "<value><struct><member ><name>EMAIL</name><value>a</value></member></struct></value>",
    "<value><struct><member><name>EMAIL</name><value>a</value></member></struct></value >",
    "<value><struct><member><name>email</name><value>a</value></member></struct></value>",
    "<value><struct><member><name>Email</name><value>a</value></member><member><name>EMAIL</name><value>b</value>"
    "</member>"
    "</struct></value>",
    "<value><struct><member><name>EMA<![CDATA[IL]]></name><value>a</value></member></struct></value>",
    "<value><struct><member><name>&#69;MAIL</name><value>a</value></member></struct></value>",
    "<value><struct><member><name>EMAIL</name><value>a</value></member><member><name>X-Y z</name><value>b</value>"
    "</member>"
    "<member><name>\u010d</name><value>b</value></member><member><name></name><value/></member></struct></value>",
    "<value><struct><member><name>EMAIL</name><value>a</value></member><member><name>A&amp;B</name><value>b</value>"
    "</member></struct></value>",
    "<value><struct><member><name> EMAIL</name><value>a</value></member><member><name>STATUS</name><value></value>"
    "</member></struct></value>",
    "<value><struct><member><name>EMAIL</name><value>a</value></member>{}</struct></value>".format(
        "".join("<member><name>M{}</name><value>{}</value></member>".format(n, n) for n in range(70))
    ),
    "<value><struct><member><name>REASON</name><value>{}</value></member></struct></value>".format("a" * 20000),
    "<value><struct><member><name>REASON</name><value><string>{}</string></value></member></struct></value>".format(
        "&lt;\u010d" * 4000
    ),
)
FATAL_ROWS = (
    "<value><struct><member><name> EMAIL</name><value>a</value></member></struct></value>",
    "<![CDATA[{}]]>".format(_INSIDE),
    "<![CDATA[{}".format(_INSIDE),
    "<!--{}".format(_INSIDE),
    "<!--{}-- -->".format(_INSIDE),
    "<value></value>",
    "<value/>",
    "<value>a</value>",
    "<value><int>5</int></value>",
    "<value><array><data></data></array></value>",
    "<value><nil/></value>",
    "<value><struct></struct></value>",
    "<value><struct/></value>",
    "<value> <struct>\n</struct> </value>",
    "<value><struct><member><name>X</name><value>a</value></member></struct></value>",
    "<value><struct><member><name>EMAIL</name><value>a</value></member><member><name>EMAIL</name><value>a</value>"
    "</member>"
    "</struct></value>",
    "<value><struct><member><name>EMAIL</name><value>a</value></member><member><name>X</name><value>a</value></member>"
    "<member><name>X</name><value/></member></struct></value>",
    "<value><struct><member><name>EMAIL</name></member></struct></value>",
    "<value><struct><member></member></struct></value>",
    "<value><struct><member><value>a</value><name>EMAIL</name></member></struct></value>",
    "<value><struct><member><name>EMAIL</name><value>a</value><value>b</value></member></struct></value>",
    "<value><struct>junk<member><name>EMAIL</name><value>a</value></member></struct></value>",
    "<value><struct><member><name>EMAIL</name><value>a</value></member>junk</struct></value>",
    "<value><struct><member>junk<name>EMAIL</name><value>a</value></member></struct></value>",
    "<value><struct><member><name>EMAIL</name>junk<value>a</value></member></struct></value>",
    "<value><struct><member><name>EMAIL</name><value>a</value>junk</member></struct></value>",
    "<value><struct><member><name>EMAIL</name><value>a</value></member></struct>junk</value>",
    "<value>junk<struct><member><name>EMAIL</name><value>a</value></member></struct></value>",
    "<value><struct>\u00a0<member><name>EMAIL</name><value>a</value></member></struct></value>",
    "junk",
    "\u2003",
    "&#32;x",
    "\x0c",
    "<![CDATA[ ]]>x",
    "<value><struct><member><name>EMAIL</name><value>a</value></member></value></struct>",
    "</data>",
    "<data>",
    "<value><struct><member><name>EMAIL</name><value>a</value></member></struct>",
    "<struct></struct>",
    "</value>",
    "<value>",
    "<member><name>EMAIL</name><value>a</value></member>",
    "<value><struct><member><name><b/></name><value>a</value></member></struct></value>",
    "<value><struct><member><name>EMAIL</nam><value>a</value></member></struct></value>",
    "<!-- -- -->",
    "&amp;",
    "<!DOCTYPE a>",
    "<value><struct><member><name>EMAIL</name><value>a</valu></member></struct></value>",
    "<?xml version='1.0'?>",
)

# --- documents ------------------------------------------------------------------------------------------------------

EMAIL = "<member><name>EMAIL</name><value><string>a</string></value></member>"
HEAD = "<methodResponse><params><param><value><array><data>"
TAIL = "</data></array></value></param></params></methodResponse>"

HEADS = (
    "",
    "<?xml version='1.0'?>",
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<?xml version="1.0" encoding="utf-8"?>\n',
    "<?xml version='1.0' encoding='utf-8' standalone='yes'?>\r\n",
    "\n\n<?xml version='1.0'?>",
    "\ufeff",
    "\ufeff<?xml version='1.0'?>",
    "<!-- c -->",
    "<!-- <data> -->",
    "<?p i?>",
    "<?xml version='1.0'?><!-- c --><?p <data>?>\n",
    " ",
)
IRREGULAR_HEADS = (
    "<?xml version='1.1'?>",
    "<!DOCTYPE a>",
    "junk",
    "<?xml version='1.0' encoding='utf-9'?>",
    "<a/>",
    "\0",
    "<!-- c --><?xml version='1.0'?>",
    "<?xml version='1.0' encoding='us-ascii'?>",
    "<!--" + " " * 5000 + "-->",
    "<?xml version='1.0' encoding='utf-16'?>",
)
ENCODINGS = ("iso-8859-2", "windows-1250", "utf-16", "us-ascii", "utf-16-le")
TAILS = ("", "\n", "\r\n ", "\t")
IRREGULAR_TAILS = (
    "<!-- c -->",
    "\n<?p i?>\n",
    "<!-- </struct></value> -->",
    "x",
    "\0",
    "<a/>",
    "<!-- c",
    "&amp;",
    "<",
    ">",
    "</methodResponse>",
    "<!-- -- -->",
)
ANSWERS = (
    "<string>Unauthorized</string>",
    "Missing ID_send",
    "",
    "<nil/>",
    "<int>5</int>",
    "<array/>",
    "<array><data/></array>",
    "<struct/>",
    "<string>Disallowed IP 192.0.2.1</string>",
    "<struct><member><name>EMAIL</name><value>a</value></member></struct>",
    "<struct><member><name>X</name><value><array><data><value>a</value></data></array></value></member></struct>",
    "<array><data> </data> </array>",
    "<array><data a='b'><value>a</value></data></array>",
    "<array>\n<!-- c --><data></data></array>",
)
