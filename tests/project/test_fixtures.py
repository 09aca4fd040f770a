"""Every answer of ``fixtures/`` and the hostile corpus, through the real client over HTTP; a new file is a new test."""

import hashlib
import pickle
import re
from collections import Counter
from dataclasses import asdict, is_dataclass
from fnmatch import fnmatch

import pytest

from mailkit_xmlrpc import MailkitClient, MailkitError
from mailkit_xmlrpc.protocol.calls import BouncesCall, CampaignsCall, DeliveriesCall
from mailkit_xmlrpc.protocol.json import Json
from tests.support import fixture_files, hostile_corpus
from tests.support.account import MD5

FIXTURES = [fixture_files.load(path) for path in fixture_files.paths()]
XML = [fixture for fixture in FIXTURES if fixture.form == "xml"]
JSON = [fixture for fixture in FIXTURES if fixture.form == "json"]
CORPUS = list(hostile_corpus.documents())
ADDRESS = re.compile(r"[^\s<>\"']@[^\s<>\"']")


def _name(case):
    return case.name if isinstance(case, fixture_files.Fixture) else case[0]


def _client(httpserver, **options):
    return MailkitClient(
        client_id=1234567,
        client_md5=MD5,
        url=httpserver.url_for("/rpc.fcgi"),
        timeout=20.0,
        deadline=30.0,
        retry=None,
        proxy="",
        **options,
    )


def _ask(httpserver, body, content_type="text/xml", on_bad_text="error", function="", status=200):
    """The rows of *body*, and how many characters were replaced in them."""
    answer = httpserver.expect_request("/rpc.fcgi", method="POST")
    answer.respond_with_data(body, content_type=content_type, status=status)
    with _client(httpserver, on_bad_text=on_bad_text) as client:
        if function == "mailkit.report":
            return client.campaigns(), 0
        if function == "mailkit.report.campaign":
            return client.deliveries(fixture_files.ID_SEND), 0
        report = client.iter_bounces(fixture_files.ID_SEND)
        return report.rest(), report.replaced


def _typed(value):
    """*value* with every scalar beside its type: 1, 1.0 and True are equal in Python, but not the same answer."""
    if is_dataclass(value):
        return type(value).__name__, _typed(asdict(value))
    if type(value) is dict:
        return {name: _typed(item) for name, item in value.items()}
    if type(value) is list:
        return [_typed(item) for item in value]
    return type(value).__name__, value


def _check(httpserver, body, expected, *how):
    if expected.error is None:
        rows, replaced = _ask(httpserver, body, *how)
        assert _typed(rows) == _typed(expected.rows)
        assert replaced == expected.replaced
        return
    with pytest.raises(MailkitError) as caught:
        _ask(httpserver, body, *how)
    error = caught.value
    assert type(error) is expected.error, str(error)
    _check_error(error, expected.attributes)
    _check_error(pickle.loads(pickle.dumps(error)), expected.attributes)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    assert MD5.encode() not in pickle.dumps(error)


def _check_error(error, attributes):
    for name, value in attributes.items():
        assert _typed(getattr(error, name)) == _typed(value)
    for text in (str(error), repr(error)):
        assert MD5 not in text
        assert not ADDRESS.search(text)
    assert error.attempts == 1
    assert error.__cause__ is None


@pytest.mark.parametrize("fixture", XML, ids=_name)
def test_answer_through_the_client(fixture, httpserver):
    """Each XML fixture becomes the rows or exactly the exception it names, which can be pickled and tells no secret."""
    how = fixture.content_type, "error", fixture.function, fixture.status
    _check(httpserver, fixture.body, fixture.expected, *how)


@pytest.mark.parametrize("fixture", XML, ids=_name)
def test_answer_through_the_client_that_replaces(fixture, httpserver):
    """With on_bad_text="replace" each XML fixture becomes the same, but where a text holds what is forbidden."""
    how = fixture.content_type, "replace", fixture.function, fixture.status
    _check(httpserver, fixture.body, fixture.with_replace, *how)


@pytest.mark.parametrize("fixture", JSON, ids=_name)
def test_report_in_json(fixture):
    """Each JSON fixture is read by the same table as a report of XML-RPC."""
    calls = [BouncesCall(fixture_files.ID_SEND), CampaignsCall(None, None)]
    calls += [DeliveriesCall(fixture_files.ID_SEND, None, None)]
    (call,) = [call for call in calls if call.function == fixture.function]
    reader = Json().rows(call, None, len(fixture.body))
    if fixture.expected.error is None:
        assert _typed(reader.feed(fixture.body) + reader.close()) == _typed(fixture.expected.rows)
    else:
        with pytest.raises(MailkitError) as caught:
            reader.feed(fixture.body)
            reader.close()
        assert type(caught.value) is fixture.expected.error


@pytest.mark.parametrize("case", CORPUS, ids=_name)
def test_hostile_document(case, httpserver):
    """Each generated hostile document becomes the rows or exactly the exception that stands beside it."""
    _, body, expect = case
    _check(httpserver, body, fixture_files.expectation(expect))


def test_every_truncation_is_incomplete(httpserver):
    """An answer cut before any of its bytes, though HTTP was complete, is never a report."""
    cuts = dict(hostile_corpus.truncations())
    wrong = []
    with _client(httpserver) as client:
        for end, body in cuts.items():
            httpserver.clear()
            httpserver.expect_request("/rpc.fcgi").respond_with_data(body, content_type="text/xml")
            try:
                wrong.append((end, client.bounces(fixture_files.ID_SEND)))
            except MailkitError as error:
                if type(error).__name__ != "IncompleteResponseError":
                    wrong.append((end, repr(error)))
    assert len(cuts) > 500
    assert wrong == []


def test_truncated_document_is_whole_when_uncut(httpserver):
    """The document that the truncations cut is itself a report of two rows."""
    end, body = list(hostile_corpus.truncations())[-1]
    rows, _ = _ask(httpserver, body + b">")
    assert [row.email for row in rows] == ["anna@example.com", "bruno@example.com"]
    assert rows[1].reason == "pln\u00e1 & schr\u00e1nka"
    assert rows[1].extra == {"FLAG": True, "RAW": b"abc", "ROWS": [None]}
    assert end == len(body)


def test_corpus_names_are_unique_and_many():
    """No generated document hides another, and with the files of fixtures/hostile/ there are well over a hundred."""
    names = Counter(name for name, _, _ in CORPUS)
    assert [name for name, times in names.items() if times > 1] == []
    assert len(names) > 100


def test_no_fixture_is_unused():
    """Each file of fixtures/ is an answer that a test above runs, or the expectation beside one, or the README."""
    used = {fixture.name for fixture in XML + JSON}
    expects = {name + end for name in used for end in fixture_files.BESIDE}
    files = {path.relative_to(fixture_files.FOLDER).as_posix() for path in fixture_files.files()}
    assert files - used - expects == {"README.rst"}
    assert used <= files


@pytest.mark.parametrize("fixture", FIXTURES, ids=_name)
def test_fixture_says_where_it_comes_from(fixture):
    """Each fixture says in one line what it shows and why we believe it can happen; what is recorded was live."""
    assert fixture.shows.strip() and "\n" not in fixture.shows
    assert re.match(r"({}): \S".format("|".join(fixture_files.TAGS)), fixture.evidence)
    assert "recorded" not in (fixture.shows + fixture.evidence).lower()
    assert (fixture.source == "recorded") == fixture.evidence.startswith("LIVE: ")


@pytest.mark.parametrize("fixture", FIXTURES, ids=_name)
def test_readme_lists_fixture_once(fixture):
    """Each fixture is in one row of the table of fixtures/README.rst, under its own source."""
    rows = [source for pattern, source in _readme() if fnmatch(fixture.name, pattern)]
    assert rows == [fixture.source]


def test_readme_lists_only_what_exists():
    """Each row of the table of fixtures/README.rst names at least one file, but for those that are waited for."""
    names = [fixture.name for fixture in FIXTURES]
    missing = [pattern for pattern, _ in _readme() if not any(fnmatch(name, pattern) for name in names)]
    assert [pattern for pattern in missing if not pattern.startswith("recorded/live-")] == []


def _readme():
    """(pattern, source) of each file name in the first column of the README's list-table."""
    text = fixture_files.README.read_text(encoding="utf-8")
    for entry in re.split(r"^   \* - ", text, flags=re.MULTILINE)[2:]:  # [1] is the heading
        first, _, source = entry.split("\n     - ")[:3]
        for pattern in re.findall(r"``([^`]+)``", first):
            yield pattern, source.split(":")[0].split()[0].strip(",;:.")


def test_documented_answers_are_byte_exact():
    """The vendor's two samples are verbatim: a line-end conversion or an editor's touch would show here."""
    digests = {
        fixture.name: hashlib.sha256(fixture.body).hexdigest() for fixture in FIXTURES if fixture.source == "documented"
    }
    assert digests == {
        "documented-answer.json": "106dd91b1a911b60b9a527c582ff3f57e9effd4fe315abbe2828f7c1e6950d76",
        "documented-answer.xml": "f053258bfc56a0cf0ee0b6e13522d43ddab1f2701f7d582fc61bbba05ab4cbfd",
    }


@pytest.mark.parametrize(
    "body, beside, lack",
    [
        (b"<methodResponse/>", None, "no expectation"),
        (b'<?xml version="1.0"?><!-- {"shows": "x"} --><a/>', '{"shows": "x"}', "two expectations"),
        (b"", "not JSON", "not JSON in ASCII"),
        (b"", "[]", "not an object"),
        (b"", '{"shows": "x"}', "has the keys"),
        (b"", '{"shows": "x", "source": "told", "evidence": "INF: x", "expect": {"rows": []}}', "told"),
        (
            b"",
            '{"shows": "x", "source": "constructed", "evidence": "INF: x", "expect": {"error": "OSError"}}',
            "OSError",
        ),
        (
            b"",
            '{"shows": "x", "source": "constructed", "evidence": "INF: x", "expect": {"rows": [{"mail": ""}]}}',
            "mail",
        ),
        (b"", '{"shows": "x", "source": "constructed", "evidence": "INF: x", "expect": {}}', "expects"),
    ],
)
def test_loader_refuses_a_fixture(body, beside, lack, tmp_path, monkeypatch):
    """A file without an expectation, with two, or with one that cannot be checked fails; it is not passed over."""
    monkeypatch.setattr(fixture_files, "FOLDER", tmp_path)
    path = tmp_path / "x.xml"
    path.write_bytes(body)
    if beside is not None:
        (tmp_path / "x.xml.expect").write_text(beside)
    with pytest.raises(fixture_files.FixtureError, match=lack):
        fixture_files.load(path)
