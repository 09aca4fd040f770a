"""A script that ends in the middle of its answer, behind front ends that pass on what they had as if it were all.

On the documented stack (FastCGI behind a web server) this is what an incomplete answer looks like: the chunks end, or
the connection does after as many bytes as were announced, and only the document's own end is missing.
"""

import pytest

from mailkit_xmlrpc import HTTPStatusError, IncompleteResponseError, Retry
from tests.servers.application import expected
from tests.servers.conftest import FRONT_ENDS, SCRIPTS

ROWS = 600
every_way = pytest.mark.parametrize("front_end", FRONT_ENDS)
every_script = pytest.mark.parametrize("script", SCRIPTS)
#: the script, how it dies, whether it says how long its answer is; the library makes no difference to how it dies
DEATHS = [("rpc", dies, length) for dies in ("kill", "die", "finish") for length in (True, False)]
DEATHS += [(script, dies, dies == "finish") for script in ("frontier", "json") for dies in ("kill", "finish")]
every_death = pytest.mark.parametrize("script, dies, length", DEATHS)


def failure(caller, application, id_send):
    """The error of one call that came to the script.

    mod_fcgid may give a call to a process that the test before has killed, and then answers in its place.
    """
    for _ in range(10):
        with pytest.raises((IncompleteResponseError, HTTPStatusError)) as caught:
            caller.iter_bounces(id_send)
        assert caught.value.retryable and caught.value.attempts == 1
        if application.calls(id_send):
            return caught.value
    raise AssertionError("the script was never called")


def may_be_a_status(front_end):
    """Whether the front end may see the script die before it has sent anything: where Apache's compressor holds it."""
    return "mod_" in front_end and "gzip" in front_end


@every_way
@every_death
def test_incomplete_answer(client, application, front_end, script, dies, length):
    """Half an answer is an IncompleteResponseError, however the front end closed it, and no row of it is seen."""
    id_send = application.plan(rows=ROWS, dies=dies, after=0.5, times=9, length=length)
    error = failure(client(front_end, script), application, id_send)
    assert isinstance(error, IncompleteResponseError) or may_be_a_status(front_end)
    assert application.calls(id_send) == 1


@every_way
@every_death
def test_incomplete_answer_is_asked_for_again(client, application, front_end, script, dies, length):
    """With tries left, the report is asked for again, and arrives whole."""
    id_send = application.plan(rows=ROWS, dies=dies, after=0.5, times=1, length=length)
    assert client(front_end, script, retry=Retry(6, base=0)).bounces(id_send) == expected(id_send, ROWS)
    assert application.calls(id_send) == 2


@every_way
@every_script
@pytest.mark.parametrize("after", [0.9999, 0.999])
def test_only_the_end_is_missing(client, application, front_end, script, after):
    """A cut in the last tags is seen as well, even where every row had arrived."""
    id_send = application.plan(rows=40, dies="finish", after=after, times=9)
    assert isinstance(failure(client(front_end, script), application, id_send), IncompleteResponseError)


@every_way
@every_script
def test_nothing_of_the_body(client, application, front_end, script):
    """A script that ends in order before the first byte of its body has said nothing: that is no empty report."""
    id_send = application.plan(rows=3, dies="finish", after=0, times=9)
    error = failure(client(front_end, script), application, id_send)
    assert isinstance(error, IncompleteResponseError)
    assert error.received in (0, 20)  # 20: the gzip of nothing


@every_script
@pytest.mark.parametrize("front_end", ["nginx", "mod_fcgid", "mod_proxy_fcgi"])
def test_script_that_dies_before_its_first_byte(client, application, front_end, script):
    """The front end answers in the script's place, or with an empty body: asked for again in either case."""
    id_send = application.plan(rows=3, dies="kill", after=0, times=9)
    failure(client(front_end, script), application, id_send)
    id_send = application.plan(rows=3, dies="kill", after=0, times=1)
    assert client(front_end, script, retry=Retry(6, base=0)).bounces(id_send) == expected(id_send, 3)
