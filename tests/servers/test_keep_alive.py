"""Connections to real servers: how many are opened, how they end, what a new one takes over from an older one."""

import pytest

from mailkit_xmlrpc import Retry
from tests.servers.application import expected

WORKERS = 32


def test_as_many_connections_as_workers(client_of, application, certificates, nginx):
    """So many workers open so many connections, not more, however many calls they make."""
    deliveries = [application.plan(rows=1) for _ in range(500)]
    before = len(nginx.log("long"))
    with client_of(nginx.url("long"), ssl_context=certificates.context()) as client:
        outcomes = list(client.iter_many(deliveries, max_workers=WORKERS))
    assert {outcome.id_send: outcome.bounces for outcome in outcomes} == {
        id_send: expected(id_send, 1) for id_send in deliveries
    }
    asked = nginx.log("long", before, len(deliveries))
    assert len({connection for connection, _, _, _, _ in asked}) <= WORKERS


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_session_is_resumed(client_of, application, certificates, nginx, version):
    """A connection that the server ended after some calls is followed by one that resumes its TLS session."""
    id_send = application.plan(rows=1)
    server = "few calls, TLS " + version
    client = client_of(nginx.url(server), ssl_context=certificates.context(), retry=Retry(3, base=0))
    before = len(nginx.log(server))
    for _ in range(20):
        assert client.bounces(id_send) == expected(id_send, 1)
    asked = nginx.log(server, before, 20)
    resumed = {connection: reused == "r" for connection, _, reused, _, _ in asked}
    assert {protocol for _, protocol, _, _, _ in asked} == {"TLSv" + version}
    assert (len(resumed), sum(resumed.values())) == (4, 3)  # it ends each after five calls
