"""One run of the job in a process of its own: the arguments are Mailkit's URL, the database's, and options as JSON.

It prints ``ready``, waits for a line, then prints what the job tells, and its result as JSON.
"""

import importlib
import json
import sys

from mailkit_xmlrpc import MailkitClient
from mailkit_xmlrpc.sync import sync


def main():
    url, db, options = sys.argv[1:]
    importlib.import_module("mailkit_xmlrpc.sync.work")  # a test that kills this process means the job, not its imports
    print("ready", flush=True)
    sys.stdin.readline()
    with MailkitClient(1234567, "0123456789abcdef0123456789abcdef", url=url, proxy="", deadline=60) as client:
        result = sync(client, db, tell=lambda text: print(text, flush=True), **json.loads(options))
    print(json.dumps(result.to_dict()))


if __name__ == "__main__":
    main()
