"""The limits of the transport that are no argument of the client, with unit and reason.

SECURITY.rst lists them.
"""

# --- HTTP -----------------------------------------------------------------------------------------------------------
MAX_LINE = 1 << 16  # bytes of one status, header or chunk-size line; http.client's _MAXLINE
MAX_HEADERS = 100  # header lines of one answer or trailer; http.client's _MAXHEADERS
MAX_HEAD = 1 << 18  # bytes of all header lines together; Go allows 1 MiB, nginx sends at most 32 KiB
MAX_INTERIM = 10  # 1xx answers before the real one; Go's net/http gives up after 5
MAX_ERROR_BODY = 1 << 16  # bytes read of an answer that is not 200, to look for a fault in it
ERROR_BODY_SECONDS = 5.0  # for reading them: the status is known already and must be told
RECEIVE_BYTES = 1 << 16  # bytes asked of the socket at once; for 128 KiB malloc would ask the system, each time

# --- connections ----------------------------------------------------------------------------------------------------
MAX_IDLE = 128  # connections kept between calls; never more than were in use at once
MAX_IDLE_SECONDS = 4.0  # Apache closes an idle connection after 5 s (its default KeepAliveTimeout)
DESCRIPTORS_SECONDS = 0.05  # between two looks for a free descriptor, where the system has no more
MAX_LOOKUPS = 64  # host names looked up at once; a client asks for one or two
EARLY_SECONDS = 0.002  # a time-out may end so much too early; PyPy rounds it down to milliseconds
RETRY_AFTER_SECONDS = 60.0  # the longest Retry-After honoured where no deadline bounds it

# --- the spool ------------------------------------------------------------------------------------------------------
SPOOL_MEMORY = 4 << 20  # bytes of a decompressed answer kept in memory; the rest goes to a temporary file
SPOOL_TIMES = 16  # times as much stays in memory while the process has no descriptor for the file
PIECE = 1 << 16  # bytes decompressed, or read back from the spool, at once
