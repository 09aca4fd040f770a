"""Every limit that is not an argument of the client, with its unit and why it has this value.

They are handed to the readers as default arguments, so that a test can set another one; nothing reads the environment.
SECURITY.rst lists them.
"""

# --- HTTP -----------------------------------------------------------------------------------------------------------
MAX_LINE = 1 << 16  # bytes of one status, header or chunk-size line; http.client's _MAXLINE
MAX_HEADERS = 100  # header lines of one answer or trailer; http.client's _MAXHEADERS
MAX_HEAD = 1 << 18  # bytes of all header lines together; Go allows 1 MiB, nginx sends at most 32 KiB
MAX_INTERIM = 10  # 1xx answers before the real one; Go's net/http gives up after 5
MAX_ERROR_BODY = 1 << 16  # bytes read of an answer that is not 200, to look for a fault in it
ERROR_BODY_SECONDS = 5.0  # for reading them: the status is known already and must be told
RECEIVE_BYTES = 1 << 18  # bytes asked of the socket at once

MAX_REQUEST = 128 << 20  # bytes of one request; the vendor's documentation says 128 MB

# --- connections ----------------------------------------------------------------------------------------------------
MAX_IDLE = 8  # connections kept between calls; more threads than that open new ones
MAX_IDLE_SECONDS = 4.0  # Apache closes an idle connection after 5 s (its default KeepAliveTimeout)
RETRY_AFTER_SECONDS = 60.0  # the longest Retry-After honoured where no deadline bounds it

# --- the spool ------------------------------------------------------------------------------------------------------
SPOOL_MEMORY = 4 << 20  # bytes of a decompressed answer kept in memory; the rest goes to a temporary file
SMALL = 1 << 13  # bytes of an answer (ten rows); for less the fast lane is not worth its beginning
WHOLE = 1 << 18  # bytes of an answer that is decoded within the call
PIECE = 1 << 16  # bytes decoded at once. Longer texts glibc returns to the system, which costs a quarter of the speed;
# much shorter ones are quadratic in old expat (CVE-2023-52425), up to MAX_TOKEN

# --- XML and values -------------------------------------------------------------------------------------------------
MAX_DEPTH = 32  # arrays and structs inside each other; a report has two
MAX_TOKEN = 1 << 20  # bytes of one unfinished piece of markup (comment, tag, processing instruction)
MAX_VALUE = 16 << 20  # bytes of one row, or of an answer's only value: it is held in memory, 30 times over at worst
MAX_INT_CHARS = 20  # "-9223372036854775808" has 20; also below the CPU attack of CVE-2020-10735
MAX_DOUBLE_CHARS = 400  # "%.20f" of the largest double has 330
MAX_ID = (1 << 63) - 1  # ids are documented as i4 or i8

# --- texts ----------------------------------------------------------------------------------------------------------
MAX_SHOWN = 500  # characters of foreign text in an exception or a log line
