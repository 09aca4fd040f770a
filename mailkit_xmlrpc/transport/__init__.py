"""Bytes of a request go out, one whole response comes back. The only sockets of the package.

It speaks HTTP and TLS and keeps every time limit. It knows no protocol above HTTP: no XML, no JSON, no Mailkit.
"""
