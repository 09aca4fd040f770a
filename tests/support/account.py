"""The one made-up account of all tests. The simulator knows it too."""

CLIENT_ID = 1234567
MD5 = "0123456789abcdef0123456789abcdef"


def environment(url, md5=MD5):
    """The environment variables with which ``MailkitClient.from_env()`` and the command line call *url*."""
    return {"MAILKIT_CLIENT_ID": str(CLIENT_ID), "MAILKIT_CLIENT_MD5": md5, "MAILKIT_URL": url}
