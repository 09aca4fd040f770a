"""Asking a simulator by the standard library's HTTP and parser."""

import http.client
import xmlrpc.client

METHOD = "mailkit.report.message.bounces"


def connect(simulator):
    """Return a connection of the standard library's to *simulator*."""
    address = simulator.url.split("/")[2]
    return http.client.HTTPConnection(address, timeout=10)


def exchange(connection, body, path="/rpc.fcgi", **headers):
    """Return the answer's status, headers and body (decoded)."""
    connection.request("POST", path, body, headers)
    response = connection.getresponse()
    return response.status, response.headers, response.read().decode("utf-8")


def ask(simulator, *params, method=METHOD):
    """Return what the standard library's own parser makes of the answer to one call."""
    connection = connect(simulator)
    try:
        body = exchange(connection, xmlrpc.client.dumps(params, method))[2]
    finally:
        connection.close()
    (value,), _ = xmlrpc.client.loads(body)
    return value
