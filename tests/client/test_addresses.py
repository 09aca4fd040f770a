"""Where the client goes: url and proxy judged by their text alone, without DNS, before anything is sent."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit_xmlrpc import ConfigurationError, MailkitClient
from tests.support.account import MD5
from tests.support.any_object import ANY_OBJECT

CANARY = "s3cretvalue"  # the fixture "refused" looks for it


def settings(**options):
    """What a client with these arguments goes by."""
    return MailkitClient(1234567, MD5, **options)._settings


# --- url: judged by its text -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value, shown",
    [
        ("https://api.mailkit.eu/rpc.fcgi", "https://api.mailkit.eu/rpc.fcgi"),
        ("HTTPS://API.Mailkit.EU/rpc.fcgi", "https://api.mailkit.eu/rpc.fcgi"),
        ("https://api.mailkit.eu:443/rpc.fcgi", "https://api.mailkit.eu/rpc.fcgi"),
        ("https://api.mailkit.eu:8443/rpc.fcgi", "https://api.mailkit.eu:8443/rpc.fcgi"),
        ("https://api.mailkit.eu:80/", "https://api.mailkit.eu:80/"),
        ("https://api.mailkit.eu:/", "https://api.mailkit.eu/"),
        ("https://api.mailkit.eu.", "https://api.mailkit.eu./"),
        ("https://api.mailkit.eu", "https://api.mailkit.eu/"),
        ("https://api.mailkit.eu?token=" + CANARY, "https://api.mailkit.eu/"),
        ("https://api.mailkit.eu/a%20b;c//d?x={}&y=/?".format(CANARY), "https://api.mailkit.eu/a%20b;c//d"),
        ("https://192.0.2.1/", "https://192.0.2.1/"),
        ("https://[2001:db8::1]/", "https://[2001:db8::1]/"),
        ("https://[2001:DB8::1]:8443/", "https://[2001:db8::1]:8443/"),
        ("https://my_host.example/", "https://my_host.example/"),
        ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/"),
        ("https://h:65535/", "https://h:65535/"),
        ("https://localhost/", "https://localhost/"),
        ("http://localhost/", "http://localhost/"),
        ("http://LocalHost:80/", "http://localhost/"),
        ("http://localhost:8080/x", "http://localhost:8080/x"),
        ("http://localhost:443/", "http://localhost:443/"),
        ("http://127.0.0.1:1/", "http://127.0.0.1:1/"),
        ("http://127.255.255.254/", "http://127.255.255.254/"),
        ("http://127.200.10.99/", "http://127.200.10.99/"),
        ("http://[::1]:8080/", "http://[::1]:8080/"),
    ],
)
def test_url_good(value, shown):
    """https to anywhere and http to loopback; repr shows it without what stands behind the question mark."""
    assert repr(MailkitClient(1234567, MD5, url=value)) == "MailkitClient(client_id=1234567, url={!r})".format(shown)


@pytest.mark.parametrize(
    "value",
    [
        "http://api.mailkit.eu/rpc.fcgi",
        "http://192.0.2.1/",
        "http://128.0.0.1/",
        "http://127.0.0.256/",
        "http://127.0.0.08/",
        "http://127.0.0.010/",
        "http://127.1/",
        "http://127.0.0.1.example/",
        "http://127.0.0.1./",
        "http://2130706433/",
        "http://0x7f.0.0.1/",
        "http://0.0.0.0/",
        "http://localhost.example/",
        "http://localhost./",
        "http://localhost.localdomain/",
        "http://xlocalhost/",
        "http://localhost%2eexample/",
        "http://[::]/",
        "http://[::2]/",
        "http://[0:0:0:0:0:0:0:1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::1%25lo]/",
        "http://\uff11\uff12\uff17.0.0.1/",
        "http://127.0.0.\u0661/",
    ],
    ids=ascii,
)
def test_url_http_beyond_loopback_is_refused(refused, value):
    """In the clear the md5 goes to loopback only, and only to what surely is it by its text, whatever DNS would say."""
    assert refused(url=value).startswith("url must be an https URL (http only to loopback)")


@pytest.mark.parametrize(
    "value",
    [
        "",
        "api.mailkit.eu",
        "api.mailkit.eu/rpc.fcgi",
        "//api.mailkit.eu/",
        "https:",
        "https://",
        "https:///rpc.fcgi",
        "https:/api.mailkit.eu/",
        "https://:443/",
        "https://?x",
        "ftp://localhost/",
        "file:///etc/passwd",
        "unix:///socket",
        "https+unix://h/",
        # ports
        "https://h:0/",
        "https://h:65536/",
        "https://h:-1/",
        "https://h:+443/",
        "https://h:4_43/",
        "https://h:443x/",
        "https://h:{}/".format(CANARY),
        "https://h:\u0664\u0664\u0663/",
        "https://h:1:2/",
        # white space and control characters
        " https://h/",
        "https://h/ ",
        "https://h/\n",
        "https://h/a b",
        "https://h/\r\nX-Injected: 1",
        "ht\ntps://h/",
        "https://h\t/",
        "https://h/\x00",
        "https://h/\x7f",
        "\x1bhttps://h/",
        "https://h\\@evil.example/",
        # other alphabets: write them in punycode and percent-encoding
        "https://b\u00fccher.example/",
        "https://h/\u010d",
        "https://h/\U0001f4e7",
        "https://h\u3002example/",
        # hosts that are none
        "https://-h/",
        "https://h-/",
        "https://.h/",
        "https://h*/",
        "https://h%2eexample/",
        "https://h,i/",
        "https://<h>/",
        # brackets
        "https://[::1/",
        "https://::1/",
        "https://[]/",
        "https://[h]/",
        "https://[::1]x/",
        "https://x[::1]/",
        "https://[::1]evil.example/",
        "https://[fe80::1%25eth0]/",
        "https://[v1.x]/",
    ],
    ids=ascii,
)
def test_url_bad(refused, value):
    """What is not plainly the address of a host is refused at once, and not only when the call fails."""
    assert refused(url=value).startswith("url must be an https URL")


@pytest.mark.parametrize("value", [5, True, b"https://h/", ["https://h/"], ANY_OBJECT], ids=repr)
def test_url_no_string(refused, value):
    """url is a string."""
    assert refused(url=value).startswith("url must be an https URL")


@pytest.mark.parametrize(
    "value",
    [
        "https://user:{}@h/",
        "https://{}@h/",
        "https://:{}@h/",
        "https://@h/",
        "http://user:{}@localhost/",
        "http://localhost:{}@evil.example/",
        "https://user:{}@h:badport/",
        "https://a@b:{}@h/",
    ],
)
def test_url_with_user_info_is_refused(refused, value):
    """Credentials in a URL end up in logs; the text says what is wrong without showing them."""
    assert refused(url=value.format(CANARY)) in (
        "url must not hold a user name or password",
        "url must be an https URL (http only to loopback), like https://api.mailkit.eu/rpc.fcgi",  # a bad port as well
    )


def test_url_at_sign_behind_the_host_is_fine():
    """Only user info is refused, not every at-sign."""
    assert "/a@b" in repr(MailkitClient(1234567, MD5, url="https://h/a@b?c@d"))


@pytest.mark.parametrize("value", ["https://h/#" + CANARY, "https://h/#", "https://h#", "https://h/?x#y"])
def test_url_with_a_fragment_is_refused(refused, value):
    """A fragment never belongs into a request."""
    assert refused(url=value) == "url must not have a fragment"


@given(
    st.text(max_size=40) | st.text(max_size=20).map("https://".__add__) | st.text(max_size=20).map("http://[".__add__)
)
def test_url_of_any_text_is_taken_or_refused(text):
    """No text makes anything but a client or a ConfigurationError, and what is taken can be sent as ASCII."""
    try:
        url = settings(url=text).url
    except ConfigurationError:
        return
    assert "{} {}".format(url.target, url.netloc).encode("ascii").split() == [url.target.encode(), url.netloc.encode()]


# --- proxy -----------------------------------------------------------------------------------------------------------


def proxied(**options):
    """(host, port, Proxy-Authorization) of the proxy that a client would use, or None."""
    proxy = settings(**options).proxy
    return proxy and (proxy.host, proxy.port, proxy.authorization.reveal())


def basic(text):
    return "Basic " + base64.b64encode(text.encode("utf-8")).decode("ascii")


GOOD_PROXIES = [
    ("http://proxy.example:3128", ("proxy.example", 3128, "")),
    ("http://proxy.example:3128/", ("proxy.example", 3128, "")),
    ("HTTP://Proxy.Example", ("proxy.example", 80, "")),
    ("proxy.example:3128", ("proxy.example", 3128, "")),
    ("proxy.example", ("proxy.example", 80, "")),
    ("http://192.0.2.9:1", ("192.0.2.9", 1, "")),
    ("http://[2001:db8::9]:3128", ("2001:db8::9", 3128, "")),
    ("http://user:pass@proxy.example:3128", ("proxy.example", 3128, basic("user:pass"))),
    ("user:pass@proxy.example:3128", ("proxy.example", 3128, basic("user:pass"))),
    ("http://user@proxy.example", ("proxy.example", 80, basic("user:"))),
    ("http://u%40x:p%3A%2F%C4%8D@proxy.example", ("proxy.example", 80, basic("u@x:p:/\u010d"))),
    ("http://u:%0d%0aX:y@proxy.example", ("proxy.example", 80, basic("u:\r\nX:y"))),
]


@pytest.mark.parametrize("value, proxy", GOOD_PROXIES)
def test_proxy_good(value, proxy):
    """An HTTP proxy, with Basic credentials where they stand in its URL."""
    assert proxied(proxy=value) == proxy


@pytest.mark.parametrize("value, proxy", GOOD_PROXIES[:1] + GOOD_PROXIES[7:8])
@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy"])
def test_proxy_of_the_environment(monkeypatch, value, proxy, name):
    """Without proxy= the environment counts, in either case."""
    monkeypatch.setenv(name, value)
    assert proxied() == proxy


BAD_PROXIES = [
    "https://proxy.example",
    "socks5://proxy.example:1080",
    "http://",
    "http://:3128",
    "http://proxy.example:0",
    "http://proxy.example:65536",
    "http://proxy.example:port",
    "http://proxy.example/path",
    "http://proxy.example?x",
    "http://proxy.example#x",
    "http://proxy .example",
    "http://proxy.example\n",
    "http://pr\u00f6xy.example",
    "http://[::1",
    "http://user:{}@".format(CANARY),
    "http://user:{}@proxy.example:port".format(CANARY),
    "http://user:{}/@proxy.example".format(CANARY),
]


@pytest.mark.parametrize("value", BAD_PROXIES + [5, True, False, b"http://proxy.example", ANY_OBJECT], ids=ascii)
def test_proxy_bad(refused, value):
    """Anything else is refused, and its password is not shown."""
    assert refused(proxy=value) == "proxy must be like http://proxy.example:3128"


@pytest.mark.parametrize("value", BAD_PROXIES, ids=ascii)
def test_proxy_of_the_environment_bad(refused, monkeypatch, value):
    """A proxy that cannot be used is not passed by in silence; the text says where it came from."""
    monkeypatch.setenv("HTTPS_PROXY", value)
    assert refused() == "proxy (from the environment) must be like http://proxy.example:3128"


def test_proxy_empty_means_none(monkeypatch):
    """proxy="" goes straight, whatever the environment says, even nonsense."""
    for value in ("http://proxy.example:3128", "nonsense://"):
        monkeypatch.setenv("HTTPS_PROXY", value)
        assert proxied(proxy="") is None


def test_proxy_argument_wins(monkeypatch):
    """proxy= counts more than the environment, NO_PROXY included."""
    monkeypatch.setenv("HTTPS_PROXY", "http://other.example")
    monkeypatch.setenv("NO_PROXY", "*")
    assert proxied(proxy="http://proxy.example:3128") == ("proxy.example", 3128, "")


@pytest.mark.parametrize(
    "no_proxy, straight",
    [
        ("*", True),
        ("api.mailkit.eu", True),
        (".mailkit.eu", True),
        ("mailkit.eu,x", True),
        ("kit.eu", False),
        ("", False),
    ],
)
@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_no_proxy_of_the_environment(monkeypatch, name, no_proxy, straight):
    """NO_PROXY names hosts that are reached without the proxy, by the rules of the standard library."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv(name, no_proxy)
    assert (proxied() is None) is straight


@pytest.mark.parametrize("names", [[], ["HTTP_PROXY"], ["http_proxy"], ["ALL_PROXY"], ["NO_PROXY"]])
def test_proxy_of_the_environment_for_other_schemes(monkeypatch, names):
    """Only HTTPS_PROXY matters: the call is https."""
    for name in names:
        monkeypatch.setenv(name, "http://proxy.example:3128")
    assert proxied() is None


def test_empty_proxy_of_the_environment(monkeypatch):
    """HTTPS_PROXY set to nothing is no proxy."""
    monkeypatch.setenv("HTTPS_PROXY", "")
    assert proxied() is None


@pytest.mark.parametrize("url", ["http://localhost:1/", "http://127.0.0.1:1/", "http://[::1]:1/"])
def test_loopback_is_never_reached_through_a_proxy(monkeypatch, url):
    """http to loopback goes straight, whatever argument and environment say."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    assert proxied(url=url) is None
    assert proxied(url=url, proxy="http://proxy.example:3128") is None


@pytest.mark.parametrize("value", ["socks5://proxy.example", 5])
def test_proxy_bad_for_loopback_too(refused, value):
    """An argument that cannot be used is refused also where it would not be used."""
    assert refused(url="http://127.0.0.1:1/", proxy=value) == "proxy must be like http://proxy.example:3128"
