"""The client as an object: made, printed, copied, pickled; and what its calls refuse before anything is sent."""

import copy
import pickle
import ssl
from datetime import datetime, timezone

import pytest

from mailkit_xmlrpc import ConfigurationError, MailkitClient, ResponseTooLargeError, Retry
from mailkit_xmlrpc.client import environment as _environment
from tests.support.account import MD5

WHERE = "; you find API ID and MD5 in your Mailkit account under Profile / Integration"

# --- from_env --------------------------------------------------------------------------------------------------------


@pytest.fixture
def environment(monkeypatch):
    """``environment(CLIENT_ID="1", ...)`` sets MAILKIT_CLIENT_ID and so on; None unsets."""

    def setenv(**values):
        for name, value in values.items():
            if value is None:
                monkeypatch.delenv("MAILKIT_" + name, raising=False)
            else:
                monkeypatch.setenv("MAILKIT_" + name, value)

    setenv(CLIENT_ID="1234567", CLIENT_MD5=MD5)
    return setenv


def test_from_env_takes_credentials_and_url(environment, answering):
    """MAILKIT_CLIENT_ID, MAILKIT_CLIENT_MD5 and MAILKIT_URL make a client that calls."""
    answering.value("")
    environment(URL=answering.url)
    with MailkitClient.from_env(timeout=5) as client:
        assert client.bounces(123456) == []
    body = answering.requests[0].get_data()
    assert b"<int>1234567</int>" in body and MD5.encode("ascii") in body


@pytest.mark.parametrize("url", [None, ""])
def test_from_env_without_url_is_the_services(environment, url):
    """MAILKIT_URL need not be set."""
    environment(URL=url)
    assert repr(MailkitClient.from_env()) == repr(MailkitClient(1234567, MD5))


@pytest.mark.parametrize(
    "content", [MD5, MD5 + "\n", "  {}\r\n\r\n".format(MD5), "\ufeff{}\r\n".format(MD5)], ids=ascii
)
def test_from_env_takes_the_md5_of_a_file(environment, answering, tmp_path, content):
    """MAILKIT_CLIENT_MD5_FILE names a file with nothing else in it but white space, and Notepad's mark."""
    (tmp_path / "md5").write_bytes(content.encode("utf-8"))
    environment(CLIENT_MD5=None, CLIENT_MD5_FILE=str(tmp_path / "md5"))
    answering.value("")
    with MailkitClient.from_env(url=answering.url) as client:
        client.bounces(1)
    assert "<string>{}</string>".format(MD5).encode("ascii") in answering.requests[0].get_data()


def test_from_env_options_count_more(environment, answering):
    """What is given as an argument is not looked up, even where the environment could not be used."""
    answering.value("")
    environment(CLIENT_ID="nonsense", CLIENT_MD5="has spaces", CLIENT_MD5_FILE="/nowhere", URL="http://api.example/")
    with MailkitClient.from_env(client_id=7, client_md5="abc", url=answering.url) as client:
        client.bounces(1)
    assert b"<int>7</int></value></param><param><value><string>abc</string>" in answering.requests[0].get_data()


def test_from_env_passes_options_on(environment):
    """Every option of the constructor may be given."""
    with pytest.raises(ConfigurationError, match="^tz must be"):
        MailkitClient.from_env(tz="Europe/Prague")


def test_from_env_makes_a_subclass(environment):
    """A subclass makes its own kind."""

    class Client(MailkitClient):
        pass

    assert type(Client.from_env()) is Client


@pytest.mark.parametrize(
    "value", [None, "", "abc", "-1", "1.0", " 1", "1 ", "0x1", "1_0", "\u00b2", "\u0661", "9" * 5000], ids=ascii
)
def test_from_env_id_bad(environment, value):
    """An id that is no number is refused, also where str.isdigit() would take it."""
    environment(CLIENT_ID=value)
    with pytest.raises(ConfigurationError) as caught:
        MailkitClient.from_env()
    assert str(caught.value) == "MAILKIT_CLIENT_ID must be set to a positive integer" + WHERE


@pytest.mark.parametrize("value", ["0", "9223372036854775808"])
def test_from_env_id_out_of_range(environment, value):
    """A number that is no id is refused like the argument."""
    environment(CLIENT_ID=value)
    with pytest.raises(ConfigurationError, match="must be .*positive integer"):
        MailkitClient.from_env()


@pytest.mark.parametrize(
    "values, problem",
    [
        ({}, "MAILKIT_CLIENT_MD5 or MAILKIT_CLIENT_MD5_FILE must be set" + WHERE),
        ({"CLIENT_MD5": ""}, "MAILKIT_CLIENT_MD5 or MAILKIT_CLIENT_MD5_FILE must be set" + WHERE),
        ({"CLIENT_MD5_FILE": ""}, "MAILKIT_CLIENT_MD5 or MAILKIT_CLIENT_MD5_FILE must be set" + WHERE),
        (
            {"CLIENT_MD5": MD5, "CLIENT_MD5_FILE": "x"},
            "MAILKIT_CLIENT_MD5 and MAILKIT_CLIENT_MD5_FILE are both set; set one of them",
        ),
    ],
    ids=["none", "empty-md5", "empty-file", "both"],
)
def test_from_env_md5_is_one_of_two(environment, values, problem):
    """Neither md5 nor file, or both, is refused: nobody could tell which one counts."""
    environment(**dict({"CLIENT_MD5": None, "CLIENT_MD5_FILE": None}, **values))
    with pytest.raises(ConfigurationError) as caught:
        MailkitClient.from_env()
    assert str(caught.value) == problem


def test_from_env_md5_bad(environment):
    """The md5 of the environment is judged like the argument, and not shown."""
    environment(CLIENT_MD5=MD5 + " x")
    with pytest.raises(ConfigurationError) as caught:
        MailkitClient.from_env()
    assert MD5 not in str(caught.value)
    assert str(caught.value).startswith("client_md5 must be")


@pytest.mark.parametrize(
    "content, problem",
    [
        (None, "cannot be read: No such file or directory"),
        (b"\xff\xfe\x00", "is not text"),
        (b"x" * 100000, "is too long to be it"),
    ],
    ids=["missing", "no-text", "far-too-long"],
)
def test_from_env_file_unreadable(environment, tmp_path, content, problem):
    """A file that is not there, or surely no md5, is the caller's mistake; its path is shown."""
    if content is not None:
        (tmp_path / "md5").write_bytes(content)
    environment(CLIENT_MD5=None, CLIENT_MD5_FILE=str(tmp_path / "md5"))
    with pytest.raises(ConfigurationError) as caught:
        MailkitClient.from_env()
    assert str(caught.value) == "the file of MAILKIT_CLIENT_MD5_FILE ({}) {}".format(tmp_path / "md5", problem)
    assert caught.value.__context__ is None


@pytest.mark.parametrize("kind", [TimeoutError, ValueError])
def test_error_of_the_callers_code_while_the_file_is_read(environment, tmp_path, monkeypatch, kind):
    """A time limit that strikes then is the caller's own: the same object."""
    error = kind("theirs")

    def struck(*args, **kwargs):
        raise error

    environment(CLIENT_MD5=None, CLIENT_MD5_FILE=str(tmp_path / "md5"))
    monkeypatch.setattr(_environment, "open", struck, raising=False)
    with pytest.raises(kind) as caught:
        MailkitClient.from_env()
    assert caught.value is error


def test_from_env_file_of_certificates(environment, tmp_path):
    """MAILKIT_CA_FILE is the argument ca_file; an argument counts more, an ssl_context too."""
    path, other = tmp_path / "ca.pem", tmp_path / "other.pem"
    path.write_text("x")
    other.write_text("y")
    environment(CA_FILE=str(path))
    assert MailkitClient.from_env()._settings.ca_file == str(path)
    assert MailkitClient.from_env(ca_file=other)._settings.ca_file == str(other)
    assert MailkitClient.from_env(ca_file=None)._settings.ca_file is None
    context = ssl.create_default_context()
    assert MailkitClient.from_env(ssl_context=context)._settings.ca_file is None
    with pytest.raises(ConfigurationError, match="ca_file or ssl_context, not both"):
        MailkitClient.from_env(ssl_context=context, ca_file=path)
    path.unlink()
    with pytest.raises(
        ConfigurationError, match="^MAILKIT_CA_FILE [(]{}[)] is no file, or it cannot be seen$".format(path)
    ):
        MailkitClient.from_env()


def test_from_env_file_is_a_directory(environment, tmp_path):
    """A directory is no file."""
    environment(CLIENT_MD5=None, CLIENT_MD5_FILE=str(tmp_path))
    with pytest.raises(ConfigurationError, match="MAILKIT_CLIENT_MD5_FILE .* cannot be read: Is a directory"):
        MailkitClient.from_env()


def test_from_env_file_is_the_md5_itself(environment):
    """What is no absolute path may be the md5 in the wrong variable: it is not shown."""
    environment(CLIENT_MD5=None, CLIENT_MD5_FILE=MD5)
    with pytest.raises(ConfigurationError) as caught:
        MailkitClient.from_env()
    assert str(caught.value) == "the file of MAILKIT_CLIENT_MD5_FILE cannot be read: No such file or directory"


@pytest.mark.parametrize("content", [b"", b" \n", b"two words\n"])
def test_from_env_file_with_no_md5(environment, tmp_path, content):
    """What the file says is judged like the argument."""
    (tmp_path / "md5").write_bytes(content)
    environment(CLIENT_MD5=None, CLIENT_MD5_FILE=str(tmp_path / "md5"))
    with pytest.raises(ConfigurationError, match="^client_md5 must be"):
        MailkitClient.from_env()


def test_from_env_url_bad(environment):
    """MAILKIT_URL is judged like the argument, and named."""
    environment(URL="http://api.mailkit.eu/")
    with pytest.raises(ConfigurationError, match="^MAILKIT_URL must be"):
        MailkitClient.from_env()


def test_from_env_unknown_option(environment):
    """A slip in an option's name is told as what it is, and not as this machine's failure."""
    with pytest.raises((TypeError, ConfigurationError), match="timeuot"):
        MailkitClient.from_env(timeuot=5)


@pytest.mark.parametrize(
    "values", [{"CLIENT_ID": "x"}, {"CLIENT_MD5": MD5 + " "}, {"URL": "https://user:{}@h/".format(MD5)}], ids=repr
)
def test_from_env_traceback_holds_no_secret(environment, values):
    """The frames of ours that a refusal's traceback shows hold no variable's value."""
    environment(**values)
    with pytest.raises(ConfigurationError) as caught:
        MailkitClient.from_env(proxy="http://user:{}@proxy.example".format(MD5))
    inside = caught.value.__traceback__.tb_next
    while inside is not None:
        assert MD5 not in repr(inside.tb_frame.f_locals)
        inside = inside.tb_next


# --- arguments -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("args", [(), (1234567,), (1234567, MD5, "https://api.mailkit.eu/")])
def test_arguments_missing_or_too_many(args):
    """Two arguments may be positional, and must be given; options go by name."""
    with pytest.raises(TypeError):
        MailkitClient(*args)


def test_unknown_option():
    """An option that does not exist is a TypeError, as for any Python callable."""
    with pytest.raises(TypeError, match="timeuot"):
        MailkitClient(1234567, MD5, timeuot=5)


def test_calls_without_id_send():
    """id_send is required, and the only argument."""
    client = MailkitClient(1234567, MD5, url="http://127.0.0.1:1/")
    for call in (client.bounces, client.iter_bounces):
        with pytest.raises(TypeError):
            call()
        with pytest.raises(TypeError):
            call(1, 2)


@pytest.mark.parametrize(
    "id_send",
    [0, -1, True, False, 1.0, "123456", "", None, b"1", [123456], 2**63, 10**400, object()],
    ids=lambda value: ascii(value)[:12],
)
def test_id_send_is_checked_before_anything_is_sent(answering, id_send):
    """What cannot be an id is the caller's mistake; the server hears nothing of it."""
    client = answering.value("")
    for call in (client.bounces, client.iter_bounces):
        with pytest.raises(ConfigurationError) as caught:
            call(id_send)
        wrong = " of at most 63 bits" if type(id_send) is int else ", not of type {}".format(type(id_send).__name__)
        if id_send == "123456":
            wrong += ": leave out the quotes, or write int(...) around it"
        assert str(caught.value) == "id_send must be a positive integer" + wrong
        assert caught.value.attempts == 0
    assert answering.requests == []


def test_id_send_may_have_index(answering):
    """A host's own integer type is taken, and the rows carry a plain int."""

    class Id:
        def __index__(self):
            return 42

    (bounce,) = answering.rows({"EMAIL": "a@example.com"}).bounces(Id())
    assert type(bounce.id_send) is int and bounce.id_send == 42
    assert b"<i4>42</i4>" in answering.requests[0].get_data()


def test_id_send_by_name(answering):
    """The argument has the documented name."""
    assert answering.value("").bounces(id_send=1) == []


def test_option_tz(answering):
    """tz= makes dates aware; without it they are naive."""
    row = {"DATE": "2014-12-23 12:36:02"}
    assert answering.rows(row).bounces(1)[0].date == datetime(2014, 12, 23, 12, 36, 2)
    assert answering.rows(row, tz=timezone.utc).bounces(1)[0].date == datetime(
        2014, 12, 23, 12, 36, 2, tzinfo=timezone.utc
    )


def test_option_max_response_bytes(answering):
    """max_response_bytes= is exact: the answer's size is taken, one byte less is not."""
    body = b"<methodResponse><params><param><value/></param></params></methodResponse>"
    assert answering(body, max_response_bytes=len(body)).bounces(1) == []
    with pytest.raises(ResponseTooLargeError) as caught:
        answering(body, max_response_bytes=len(body) - 1).bounces(1)
    assert caught.value.limit == len(body) - 1


# --- printed, copied, pickled ----------------------------------------------------------------------------------------


def test_repr_shows_where_and_who():
    """repr tells the id and the address, not the md5 and not the query; a subclass has its own name."""

    class Reports(MailkitClient):
        pass

    shown = "(client_id=1234567, url='https://h:8443/a')"
    assert repr(MailkitClient(1234567, MD5, url="https://h:8443/a?token=" + MD5)) == "MailkitClient" + shown
    assert repr(Reports(1234567, MD5, url="https://h:8443/a")) == "Reports" + shown
    assert str(MailkitClient(1234567, MD5)) == "MailkitClient(client_id=1234567, url='https://api.mailkit.eu/rpc.fcgi')"


def _copies():
    yield "copy", copy.copy
    yield "deepcopy", copy.deepcopy
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        yield (
            "pickle {}".format(protocol),
            lambda client, protocol=protocol: pickle.loads(pickle.dumps(client, protocol)),
        )


@pytest.mark.parametrize("duplicate", [function for _, function in _copies()], ids=[name for name, _ in _copies()])
def test_duplicate_calls_like_the_original(mailkit, sockets, duplicate):
    """A copy, and a pickle of any protocol, sends the same request by the same options, on a connection of its own."""
    options = {"url": mailkit.url, "timeout": (5, 6), "deadline": None, "retry": Retry(2, 0, 0), "tz": timezone.utc}
    with MailkitClient(1234567, MD5, max_response_bytes=1 << 20, **options) as client:
        rows = client.bounces(123456)
        with duplicate(client) as other:
            assert type(other) is MailkitClient
            assert repr(other) == repr(client)
            assert repr(other._settings) == repr(client._settings)  # secrets do not compare, but they are sent below
            assert other.bounces(123456) == rows
            assert len(sockets) == 2
        assert sockets[0].fileno() != -1  # the original's connection is none of the copy's business
        assert sockets[1].fileno() == -1
        assert client.bounces(123456) == rows
        assert len(sockets) == 2


def test_pickle_keeps_the_proxy():
    """The proxy that was found when the client was made goes along, password included."""
    client = MailkitClient(1234567, MD5, proxy="http://user:pass@proxy.example:3128")
    other = pickle.loads(pickle.dumps(client))
    assert other._settings.proxy.authorization.reveal() == client._settings.proxy.authorization.reveal() != ""


def test_pickle_with_an_ssl_context_is_refused_by_python():
    """An SSLContext cannot be pickled; that is said, and not lost in silence."""
    with pytest.raises(TypeError, match="SSLContext"):
        pickle.dumps(MailkitClient(1234567, MD5, ssl_context=ssl.create_default_context()))


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_copy_with_an_ssl_context_shares_it(duplicate):
    """A copy has the very same SSLContext."""
    context = ssl.create_default_context()
    client = duplicate(MailkitClient(1234567, MD5, ssl_context=context))
    assert client._settings.ssl_context is context


def test_deepcopy_of_a_structure_keeps_one_client_one():
    """Two references to one client stay two references to one client."""
    client = MailkitClient(1234567, MD5)
    first, second = copy.deepcopy([client, client])
    assert first is second is not client


def test_duplicate_of_a_subclass():
    """A copy and a pickle of a subclass are of that subclass."""
    for _, duplicate in _copies():
        assert type(duplicate(Subclass(1234567, MD5))) is Subclass


class Subclass(MailkitClient):
    """At module level, as pickle wants it."""
