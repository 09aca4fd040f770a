"""A temporary database that is full soon."""

from mailkit_xmlrpc.analysis import scratch


def full_database():
    database = scratch.temporary_database()
    database.execute("PRAGMA max_page_count=8")
    return database
