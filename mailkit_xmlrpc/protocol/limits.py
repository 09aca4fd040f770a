"""The limits of what is encoded and decoded that are no argument of the client, with unit and reason.

SECURITY.rst lists them.
"""

MAX_REQUEST = 128 << 20  # bytes of one request; the vendor's documentation says 128 MB

# --- pieces ---------------------------------------------------------------------------------------------------------
SMALL = 1 << 13  # bytes of answers (ten rows); for less the expressions of the fast path are not worth being compiled
WHOLE = 1 << 18  # bytes of an answer that is decoded within the call
PIECE = 1 << 16  # bytes decoded at once. Longer texts glibc returns to the system, which costs a quarter of the speed;
# much shorter ones are quadratic in old expat (CVE-2023-52425), up to MAX_TOKEN

# --- texts ----------------------------------------------------------------------------------------------------------
#: what may become of those that XML or the encoding forbids
ON_BAD_TEXT = ("error", "replace")

# --- XML and values -------------------------------------------------------------------------------------------------
MAX_DEPTH = 32  # arrays and structs inside each other; a report has two
MAX_TOKEN = 1 << 20  # bytes of one unfinished piece of markup (comment, tag, processing instruction)
MAX_NAMES = 1000  # different names of attributes and instructions in one answer: expat keeps each of them to the end,
# and XML-RPC has none; a server that adds some adds the same ones to each row
MAX_VALUE = 16 << 20  # bytes of one row, or of an answer's only value: it is held in memory, 22 times over at worst
MAX_VALUES = 1 << 18  # values in one row, or in an answer's only value: "{}," has 3 bytes, and takes 500 of memory. A
# row has nine, 16 MiB of ordinary members have about as many; PHP takes 1,000 variables a request (max_input_vars)
MAX_INT_CHARS = 20  # "-9223372036854775808" has 20; also below the CPU attack of CVE-2020-10735
MAX_DOUBLE_CHARS = 400  # "%.20f" of the largest double has 330
MAX_ID = (1 << 63) - 1  # ids are documented as i4 or i8
