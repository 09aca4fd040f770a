"""What reports are made of in the property tests: names, plain texts, and odd and fatal things of every kind.

Odd is what means something, but is written so that only the general decoder reads it; fatal is what is an error.
"""
TEXTS = ("EMAIL", "STATUS", "EMAIL_STATUS", "BOUNCE_CAT", "REASON")
IDS = ("ID_EMAIL", "ID_USER_LIST", "ID_SEND_MESSAGE")
NAMES = ("EMAIL",) + IDS + ("DATE",) + TEXTS[1:]
OTHER_NAMES = ("X", "NOTE", "id", "Nr_2", "EMAIL_2", "_", "zzz", "0", "IP")

# --- texts ----------------------------------------------------------------------------------------------------------

WORDS = (
    "", " ", "a", "anna@example.com", "5.1.1", "4.4.2", "PERMANENT", "TEMPORARY", "mailbox full", "550 no such user",
    "P\u0159\u00edli\u0161 \u017elu\u0165ou\u010dk\u00fd k\u016f\u0148", "schr\u00e1nka je pln\u00e1", "\U0001f4ec",
    "a\U0001f600b", "\u00a0", "\u2028", "\ufeff", "\ufffd", "\x7f", "\x85", "\u200b", "\ud7ff", "\ue000", "\U0001fffe",
    "\U0010ffff", "\t", "\n", "a\nb", "  padded  ", "]]", "]] ", "--", "-", "?", "'", '"', "/", "=", "0", "00", "-1",
    "1_0", "\u0661", "\uff11", "NaN", "2014-12-23 12:36:02", "<", "&", "\\", "\\1", "\\g", "{}", "%s",
)  # fmt: skip
ENTITIES = (
    "&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&amp;amp;", "&amp;lt;b&amp;gt;", "&#38;#38;", "&#x26;amp;",
    "]]&gt;", "&lt;!--", "&#9;", "&#10;", "&#13;", "&#32;", "&#13;&#10;",
)  # fmt: skip
#: code points on the inner side of every edge that XML draws, and others
REFERRED = (
    9, 10, 13, 32, 33, 38, 39, 40, 60, 62, 99, 100, 0x7E, 0x7F, 128, 159, 255, 256, 999, 1000, 0xFFF, 0x1000, 9999,
    10000, 0xD7FF, 0xE000, 0xFDD0, 0xFFFD, 0x10000, 0x1F4EC, 0x1FFFE, 0x1FFFF, 0x20000, 0xF0000, 0x10FFFF,
)  # fmt: skip
REFERENCES = tuple(
    form.format(code) for code in REFERRED for form in ("&#{};", "&#x{:x};", "&#x{:X};", "&#0{};", "&#x000{:x};")
) + ("&#00000000000000000065;", "&#x00000000000000000041;")
#: the neighbours that XML forbids, and references that are none
NO_REFERENCES = (
    "&#0;", "&#8;", "&#11;", "&#12;", "&#14;", "&#31;", "&#x0;", "&#x8;", "&#xb;", "&#xC;", "&#xE;", "&#x1F;",
    "&#xD800;", "&#xDFFF;", "&#xFFFE;", "&#xFFFF;", "&#x110000;", "&#55296;", "&#57343;", "&#65534;", "&#65535;",
    "&#1114112;", "&#99999999999;", "&#;", "&#x;", "&;", "&", "&amp", "& amp;", "&AMP;", "&nbsp;", "&a1;", "&#X41;",
    "&#x41", "&#-1;", "&#+1;", "&#1_0;", "&# 65;", "&lt", "&ltt;",
    "&#\u0665\u0665;", "&#x\uff11;", "&&lt;", "&;amp;", "&#65", "&#65 ;",
)  # fmt: skip
FATAL_TEXTS = NO_REFERENCES + (
    "\0", "\x01", "\x08", "\x0b", "\x0c", "\x0e", "\x1b", "\x1f", "\ufffe", "\uffff", "\ud800", "\udfff", "]]>", "<",
    "<b>", "</b>", "<string>", "</string>", "<!DOCTYPE a>", "a<", "</", "<!", "<?", "<!-- a -- b -->", "<?xml a?>",
)  # fmt: skip
ODD_TEXTS = (
    ">", "a > b", "]>", "\r", "\r\n", "a\rb", "\r\r\n", "<![CDATA[a & <b>]]>", "<![CDATA[]]>", "a<![CDATA[\r\n]]>b",
    "<![CDATA[</struct></value>]]>", "<!-- c -->", "a<!-- </struct></value> -->b", "<!---->", "<?p i?>",
    "<?p </struct>?>",
)  # fmt: skip

ODD_DATES = (
    "2014-12-23", "2014-12-23 12:36", "2014-12-23T12:36:02", "2014-12-23 24:00:00", "2014-12-24 29:00:00", " ", "x",
    "2014-12-23 12:36:02 ", " 2014-12-23 12:36:02", "2014-12-23 12:36:02\n", "2014-12-23 12:36:02.5",
    "2014-12-23 12:36:02+01:00", "2014-12-23  2:36:02", "\u0662\u0660\u0661\u0664-12-23 12:36:02",
    "2014-12-23 12:36:0\uff12", "02014-12-23 12:36:02", "2014-12-23&#32;12:36:02", "2014-W52-2 12:36:02", "20141223",
)  # fmt: skip
ODD_IDS = (
    " 5", "5 ", "\t5\n", "-1", "+1", "-0", "1.0", "1_0", "\u0661", "\uff15", "9" * 19, "9223372036854775807",
    "9223372036854775808", "0" * 30, "&#53;", " ", "x", "0x1F", "1e3", "5\u00a0", "null",
)  # fmt: skip

# --- values ---------------------------------------------------------------------------------------------------------

#: what stands in the value tags, for a value that only the general decoder reads; the last ones in a double or an int
ODD_VALUES = (
    "<boolean>1</boolean>", "<boolean>0</boolean>", "<base64>YWJj</base64>", "<base64/>", "<nil></nil>", "<nil />",
    "<ex:nil/>", "<ex:i8>5</ex:i8>", "<dateTime.iso8601>20141223T12:36:02</dateTime.iso8601>",
    "<dateTime.iso8601>x</dateTime.iso8601>", "<dateTime.iso8601>20140230T12:36:02</dateTime.iso8601>",
    "<array><data></data></array>", "<array><data><value>a</value><value><int>5</int></value></data></array>",
    "<array/>", "<struct></struct>", "<struct><member><name>EMAIL</name><value>a</value></member></struct>",
    "<struct/>", "<array><data><value><struct><member><name>a</name><value/></member></struct></value></data></array>",
    "<string/>", "<string />", "<string >a</string>", "<string a='b'>c</string>", "<string>a</string >",
    "<string\n>a</string>", "<string> <!-- > --></string>", "<!-- c --><string>a</string>",
    "<string>a</string><!-- c -->", "<?p i?><int>5</int>", "<!-- c -->", "<![CDATA[x]]>",
    "<![CDATA[ ]]><string>a</string>", "<int> 5</int>", "<int>+5</int>", "<i4>5\n</i4>", "<i8>-5</i8>",
    "<int>-0</int>", "<int>007</int>", "<i8>99999999999999999999</i8>", "<int>1000000000000000000</int>",
    "<int>&#53;</int>", "<int><![CDATA[5]]></int>", "<int>1<!-- -->2</int>", "<double>5</double>",
    "<double>5.0</double>", "<double>5.</double>", "<double>.5</double>", "<double>+5.1</double>",
    "<double>-5.1</double>", "<double>1e3</double>", "<double>1.5E-7</double>", "<double> 5.1 </double>",
    "<double>1e300</double>", "<double>5.09999999999999964473</double>", "<double>0.00001</double>",
    "<double>-0.0</double>", "<double>123456789012345680000.0</double>", "<double>" + "1" * 40 + ".5</double>",
)  # fmt: skip
FATAL_VALUES = (
    "<int>5</string>", "<string>5</int>", "<int></int>", "<int/>", "<int>1_0</int>", "<int>\u0665</int>",
    "<int>5.0</int>", "<int>--5</int>", "<int>5 5</int>", "<i4>\uff15</i4>", "<i8>5\u00a0</i8>",
    "<double>nan</double>", "<double>1e999</double>", "<double></double>", "<double>1_0.5</double>",
    "<double>\u0665.5</double>", "<double>5,1</double>", "<boolean>2</boolean>", "<base64>!</base64>", "<nil>x</nil>",
    "<Int>5</Int>", "<long>5</long>", "<string>a</string>b", "a<string>b</string>",
    "<string>a</string><string>b</string>", "<nil/>x", "x<nil/>", "<nil/><nil/>", "<string>a", "a</string>",
    "<value>a</value>", "<string><b/></string>", "<string>a]]>b</string>", "<i4>5</i8>", "<int>5</i4>",
    "<x:string>a</x:string>", "<string></strin>",
)  # fmt: skip

# --- rows -----------------------------------------------------------------------------------------------------------

# what stands in a comment or in CDATA looks like the end of a row and one more
_INSIDE = "</struct></value><value><struct><member><name>EMAIL</name><value>no</value></member></struct></value>"
ODD_ROWS = (
    "<value><struct><member><name>EMAIL</name><value><!--{0}--></value></member></struct></value><!--{0}-->"
    "<?p {0}?>".format(_INSIDE),
    "<value><struct><member><name>EMAIL</name><value><![CDATA[{0}]]>{1}</value></member></struct>"
    "</value>".format(_INSIDE, "<!--c-->"),
    "<value><struct><member><name>email</name><value>a</value></member><member><name>STATUS</name><value>b</value>"
    "</member>" "</struct></value>",
    "<value><struct><!-- c --><member><name>EMAIL</name><value>a</value></member></struct></value>",
    "<value><struct><member><name>EMAIL</name><value>a</value></member></struct></value><!-- c -->",
    "<!-- <value><struct></struct></value> --><?p </struct></value>?>",
    "<value><struct a='b'><member><name>EMAIL</name><value>a</value></member></struct></value>",
    "<value><struct><member ><name>EMAIL</name><value>a</value></member></struct></value>",
    "<value><struct><member><name>EMAIL</name><value>a</value></member></struct></value >",
    "<value><struct><member><name>email</name><value>a</value></member></struct></value>",
    "<value><struct><member><name>Email</name><value>a</value></member><member><name>EMAIL</name><value>b</value>"
    "</member>" "</struct></value>",
    "<value><struct><member><name>EMA<![CDATA[IL]]></name><value>a</value></member></struct></value>",
    "<value><struct><member><name>&#69;MAIL</name><value>a</value></member></struct></value>",
    "<value><struct><member><name>EMAIL</name><value>a</value></member><member><name>X-Y z</name><value>b</value>"
    "</member>"
    "<member><name>\u010d</name><value>b</value></member><member><name></name><value/></member></struct></value>",
    "<value><struct><member><name> EMAIL</name><value>a</value></member><member><name>STATUS</name><value></value>"
    "</member></struct></value>",
    "<value><struct><member><name>EMAIL</name><value>a</value></member>{}</struct></value>".format(
        "".join("<member><name>M{}</name><value>{}</value></member>".format(n, n) for n in range(70))
    ),
    "<value><struct><member><name>REASON</name><value>{}</value></member></struct></value>".format("a" * 20000),
    "<value><struct><member><name>REASON</name><value><string>{}</string></value></member></struct></value>".format(
        "&lt;\u010d" * 4000
    ),
)  # fmt: skip
FATAL_ROWS = (
    "<value><struct><member><name> EMAIL</name><value>a</value></member></struct></value>",
    "<![CDATA[{}]]>".format(_INSIDE), "<![CDATA[{}".format(_INSIDE), "<!--{}".format(_INSIDE),
    "<!--{}-- -->".format(_INSIDE), "<value></value>", "<value/>", "<value>a</value>", "<value><int>5</int></value>",
    "<value><array><data></data></array></value>", "<value><nil/></value>", "<value><struct></struct></value>",
    "<value><struct/></value>", "<value> <struct>\n</struct> </value>",
    "<value><struct><member><name>X</name><value>a</value></member></struct></value>",
    "<value><struct><member><name>EMAIL</name><value>a</value></member><member><name>EMAIL</name><value>a</value>"
    "</member>" "</struct></value>",
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
    "<value><struct>\u00a0<member><name>EMAIL</name><value>a</value></member></struct></value>", "junk", "\u2003",
    "&#32;x", "\x0c", "<![CDATA[ ]]>x",
    "<value><struct><member><name>EMAIL</name><value>a</value></member></value></struct>", "</data>", "<data>",
    "<value><struct><member><name>EMAIL</name><value>a</value></member></struct>", "<struct></struct>", "</value>",
    "<value>", "<member><name>EMAIL</name><value>a</value></member>",
    "<value><struct><member><name><b/></name><value>a</value></member></struct></value>",
    "<value><struct><member><name>EMAIL</nam><value>a</value></member></struct></value>", "<!-- -- -->", "&amp;",
    "<!DOCTYPE a>", "<value><struct><member><name>EMAIL</name><value>a</valu></member></struct></value>",
    "<?xml version='1.0'?>",
)  # fmt: skip

# --- documents ------------------------------------------------------------------------------------------------------

EMAIL = "<member><name>EMAIL</name><value><string>a</string></value></member>"
HEAD = "<methodResponse><params><param><value><array><data>"
TAIL = "</data></array></value></param></params></methodResponse>"

HEADS = (
    "", "<?xml version='1.0'?>", '<?xml version="1.0" encoding="UTF-8"?>', '<?xml version="1.0" encoding="utf-8"?>\n',
    "<?xml version='1.0' encoding='utf-8' standalone='yes'?>\r\n", "\n\n<?xml version='1.0'?>", "\ufeff",
    "\ufeff<?xml version='1.0'?>", "<!-- c -->", "<!-- <data> -->", "<?p i?>",
    "<?xml version='1.0'?><!-- c --><?p <data>?>\n", " ",
)  # fmt: skip
ODD_HEADS = (
    "<?xml version='1.1'?>", "<!DOCTYPE a>", "junk", "<?xml version='1.0' encoding='utf-9'?>", "<a/>", "\0",
    "<!-- c --><?xml version='1.0'?>", "<?xml version='1.0' encoding='us-ascii'?>",
    "<!--" + " " * 5000 + "-->", "<?xml version='1.0' encoding='utf-16'?>",
)  # fmt: skip
ENCODINGS = ("iso-8859-2", "windows-1250", "utf-16", "us-ascii", "utf-16-le")
TAILS = ("", "\n", "\r\n ", "<!-- c -->", "\n<?p i?>\n", "<!-- </struct></value> -->")
ODD_TAILS = ("x", "\0", "<a/>", "<!-- c", "&amp;", "<", ">", "</methodResponse>", "<!-- -- -->")
ANSWERS = (
    "<string>Unauthorized</string>", "Missing ID_send", "", "<nil/>", "<int>5</int>", "<array/>",
    "<array><data/></array>", "<struct/>", "<string>Disallowed IP 192.0.2.1</string>",
    "<struct><member><name>EMAIL</name><value>a</value></member></struct>",
    "<struct><member><name>X</name><value><array><data><value>a</value></data></array></value></member></struct>",
    "<array><data> </data> </array>", "<array><data a='b'><value>a</value></data></array>",
    "<array>\n<!-- c --><data></data></array>",
)  # fmt: skip
