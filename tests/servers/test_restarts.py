"""Front ends and scripts that are restarted in the middle of a series of calls."""

import signal
import threading

import pytest

from mailkit_xmlrpc import Retry
from tests.servers.application import expected
from tests.servers.conftest import SCRIPTS

ROWS = 20


def series(client, deliveries, between):
    """The rows of all *deliveries*, by ID_send; *between* is called in another thread when some have come."""
    rows, some = {}, threading.Event()
    thread = threading.Thread(target=lambda: some.wait(30) and between())
    thread.start()
    try:
        for outcome in client.iter_many(deliveries, max_workers=4):
            rows[outcome.id_send] = outcome.error or outcome.bounces
            if len(rows) >= 10:
                some.set()
    finally:
        thread.join(60)
    return rows


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("what", ["reload nginx", "restart nginx", "restart the script"])
def test_restart_in_the_middle(client, application, nginx, script, what):
    """Each delivery has its rows once, whatever was restarted meanwhile."""
    restart = {
        "reload nginx": lambda: nginx.program.signal(signal.SIGHUP),
        "restart nginx": nginx.program.restart,
        "restart the script": application.restart,
    }[what]
    deliveries = [application.plan(rows=ROWS) for _ in range(200)]
    caller = client("nginx", script, retry=Retry(20, base=0.05, cap=0.2))
    rows = series(caller, deliveries, restart)
    assert rows == {id_send: expected(id_send, ROWS) for id_send in deliveries}


def test_graceful_restart_of_apache(client, application, apache):
    """The same with Apache and mod_fcgid, whose scripts are started anew as well."""
    deliveries = [application.plan(rows=ROWS) for _ in range(100)]
    caller = client("mod_fcgid", "rpc", retry=Retry(20, base=0.05, cap=0.2))
    rows = series(caller, deliveries, lambda: apache.program.signal(signal.SIGUSR1))
    assert rows == {id_send: expected(id_send, ROWS) for id_send in deliveries}
