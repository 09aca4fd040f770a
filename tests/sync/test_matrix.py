"""Night after night, on each kind of database: at the end the tables are what a plain reading of the reports gives."""

import pytest

from mailkit_xmlrpc import DisallowedIPError, InvalidSendIdError
from tests.support.nights import report, row


def told(result):
    """What became of rows."""
    return result.new, result.changed, result.unchanged, result.gone


def test_first_run(nights):
    """The first run writes all rows of all deliveries of the last 30 days, and what their campaigns tell."""
    nights.add(1, report(30), subject="Spring \u017e\U0001f600", send_count=500, campaign=7)
    nights.add(2, report(5), campaign=8)
    nights.add(3, [])
    nights.add(4, report(2), sent=40)
    del nights.reports[4]
    result = nights.run()
    assert (result.deliveries, result.asked, result.failed, result.settled) == (3, 3, 0, 0)
    assert told(result) == (35, 0, 0, 0) and result.failures == ()
    nights.check()
    assert all(seen[0] == seen[1] and seen[2:] == (None, None) for seen in nights.times().values())
    query = "SELECT id_send, id_message, subject, send_count, row_count, last_error FROM mailkit_delivery ORDER BY 1"
    assert nights.select(query) == [
        (1, 7, "Spring \u017e\U0001f600", 500, 30, None),
        (2, 8, "Campaign 8", 1000, 5, None),
        (3, 12345, "Campaign 12345", 1000, 0, None),
    ]
    assert nights.said == []


def test_unchanged(nights):
    """Run again unchanged, nothing is written but last_seen."""
    nights.add(1, report(1500))
    nights.run()
    columns = "message_key, email, digest, first_seen, changed_at, gone_at, reason, extra"
    query = "SELECT {} FROM mailkit_bounce ORDER BY message_key".format(columns)
    before = nights.select(query)
    nights.execute("UPDATE mailkit_bounce SET last_seen = '2020-01-01 00:00:00'")
    assert told(nights.run()) == (0, 0, 1500, 0)
    assert nights.select(query) == before
    assert nights.select("SELECT COUNT(*) FROM mailkit_bounce WHERE last_seen < '2024-01-01'") == [(0,)]
    nights.execute("UPDATE mailkit_delivery SET fingerprint = NULL")  # so that it is compared row by row
    nights.execute("UPDATE mailkit_bounce SET last_seen = '2020-01-01 00:00:00'")
    assert told(nights.run()) == (0, 0, 1500, 0)
    assert nights.select(query) == before
    assert nights.select("SELECT COUNT(*) FROM mailkit_bounce WHERE last_seen < '2024-01-01'") == [(0,)]


def test_order_of_rows_means_nothing(nights):
    """The same rows in another order are unchanged."""
    nights.add(1, report(20))
    nights.run()
    nights.add(1, report(20)[::-1])
    assert told(nights.run()) == (0, 0, 20, 0)
    nights.check()


def test_grown_changed_gone_and_back(nights):
    """A report that grew, a state that changed, a row that is gone, one that comes back: each is told as what it is."""
    nights.add(1, report(10))
    nights.run()
    nights.add(1, [row(3, EMAIL_STATUS="permanent")] + report(14)[4:])
    assert told(nights.run()) == (4, 1, 6, 3)
    nights.check()
    times = nights.times()
    assert {key[1] for key, seen in times.items() if seen[3] is not None} == {"90000", "90001", "90002"}
    assert {key[1] for key, seen in times.items() if seen[2] is not None} == {"90003"}
    assert told(nights.run()) == (0, 0, 11, 0)
    nights.add(1, report(14))
    assert told(nights.run()) == (0, 4, 10, 0)
    nights.check()
    assert all(seen[3] is None for seen in nights.times().values())


def test_all_gone(nights):
    """A report that is empty in the end keeps its rows, all of them gone."""
    nights.add(1, report(1200))
    nights.run()
    nights.add(1, [])
    assert told(nights.run()) == (0, 0, 0, 1200)
    assert told(nights.run()) == (0, 0, 0, 0)
    assert nights.present() == {} and len(nights.times()) == 1200
    nights.add(1, report(1200))
    assert told(nights.run()) == (0, 1200, 0, 0)


def test_one_fails_and_heals(nights):
    """Where one delivery fails, the others are written, the error is kept, and the next night heals it."""
    nights.add(1, report(3))
    nights.add(2, [{"EMAIL": {1, 2}}])
    nights.add(3, report(4))
    result = nights.run(jobs=2)
    assert (result.asked, result.failed, told(result)) == (3, 1, (7, 0, 0, 0))
    (failure,) = result.failures
    assert failure.id_send == 2 and "HTTP 500" in str(failure)
    ((error, read),) = nights.select("SELECT last_error, fetched_at FROM mailkit_delivery WHERE id_send = 2")
    assert "HTTP 500" in error and read is None
    nights.add(2, report(5))
    assert told(nights.run()) == (5, 0, 7, 0)
    nights.check()
    assert nights.select("SELECT last_error FROM mailkit_delivery WHERE id_send = 2") == [(None,)]


@pytest.mark.parametrize("jobs", [1, 3])
def test_refused_in_the_middle(nights, jobs):
    """After Disallowed IP no more is asked: what was written stays, and the rest is told."""
    nights.add(1, report(3))
    nights.run()
    for id_send in range(2, 12):
        nights.add(id_send, report(2))
    nights.mailkit.refuse("Disallowed IP 192.0.2.1", after=3)
    result = nights.run(jobs=jobs)
    assert result.failed >= 8 and result.deliveries == 11
    assert all(type(failure.error) is DisallowedIPError for failure in result.failures)
    assert len({failure.id_send for failure in result.failures}) == result.failed
    written = {key[0] for key in nights.present()}
    assert written | {failure.id_send for failure in result.failures} == set(range(1, 12))
    nights.mailkit.heal()
    nights.run(jobs=jobs)
    nights.check()


def test_ids_only(nights):
    """With IDs only their reports are asked for, settled or not, and what only campaigns tell stays NULL."""
    nights.add(1, report(3), sent=100)
    nights.add(2, report(2))
    result = nights.run(ids=[1, 999, 1])
    assert (result.deliveries, result.asked, result.failed) == (2, 2, 1)
    assert type(result.failures[0].error) is InvalidSendIdError and result.failures[0].id_message is None
    assert nights.select("SELECT id_send FROM mailkit_delivery") == [(1,)]  # what was mistyped is no delivery
    query = "SELECT id_message, subject, sent_date, send_count, row_count FROM mailkit_delivery WHERE id_send = 1"
    assert nights.select(query) == [(None, None, None, None, 3)]
    assert told(nights.run(ids=[1])) == (0, 0, 3, 0)
    nights.mailkit.refuse("Invalid ID_send")
    assert nights.run(ids=[1]).failed == 1
    assert "Invalid ID_send" in nights.select("SELECT last_error FROM mailkit_delivery")[0][0]


def test_ids_leave_what_a_campaign_told(nights):
    """IDs given later do not take away what a campaign has told."""
    nights.add(1, report(1), sent=20, subject="Spring")
    nights.run()
    nights.run(ids=[1])
    query = "SELECT subject, settled FROM mailkit_delivery"
    assert [(subject, bool(settled)) for subject, settled in nights.select(query)] == [("Spring", True)]


def test_settled(nights):
    """A delivery whose report was read when it was old enough is not asked again, unless asked for."""
    nights.add(1, report(3), sent=20)
    nights.add(2, report(2), sent=3)
    result = nights.run()
    assert (result.asked, result.settled) == (2, 0)
    nights.add(1, report(5), sent=20)
    result = nights.run()
    assert (result.deliveries, result.asked, result.settled, told(result)) == (2, 1, 1, (0, 0, 2, 0))
    assert nights.run(settled_after="25d").settled == 0
    assert nights.run(settled_after="2d").settled == 2
    assert nights.run(ask_all=True).asked == 2
    nights.check()


def test_campaigns(nights):
    """Campaigns are asked for their deliveries, and no others; without ``since`` all that Mailkit tells count."""
    nights.add(1, report(3), sent=60, campaign=5)
    nights.add(2, report(2), sent=3, campaign=5)
    nights.add(3, report(2), campaign=6)
    result = nights.run(campaigns=[5, 5], dry_run=True)
    assert (result.deliveries, result.asked, result.new) == (2, 2, 5)
    result = nights.run(campaigns=[5], since="30d")
    assert (result.deliveries, result.new) == (1, 2)
    result = nights.run(campaigns=[5, 99, 6])
    assert (result.deliveries, result.failed, result.new) == (3, 1, 5)
    assert str(result.failures[0]).startswith("campaign 99: Mailkit refused the call: Invalid ID_message")
    nights.check()


def test_dry_run(nights):
    """A dry run tells what would be written, and writes nothing, before there are tables and after."""
    nights.add(1, report(3))
    nights.add(2, [])
    result = nights.run(dry_run=True)
    assert told(result) == (3, 0, 0, 0) and result.run is None
    nights.run()
    nights.add(1, report(5)[1:])
    nights.add(2, [{"EMAIL": {1}}])
    before = nights.present(), nights.times(), nights.select("SELECT * FROM mailkit_run")
    result = nights.run(dry_run=True, forget_before="400d")
    assert told(result) == (2, 0, 2, 1) and result.failed == 1 and result.forgotten == 3
    assert before == (nights.present(), nights.times(), nights.select("SELECT * FROM mailkit_run"))


def test_several_rows_of_one_message(nights):
    """Several rows of one message are rows of their own in the order of date, and the last is its state."""
    soft, hard = row(1, STATUS="4.2.2", BOUNCE_CAT="full-mailbox"), row(1, DATE="2024-03-02 00:00:00")
    nights.add(1, [hard, row(2), soft])
    nights.run()
    nights.check()
    assert sorted(key for _, key in nights.present()) == ["90001", "90001#2", "90002"]
    assert [bounce.status for bounce in nights.back()] == ["5.1.1", "5.1.1"]
    nights.add(1, [soft, row(2)])
    assert told(nights.run()) == (0, 0, 2, 1)
    assert [bounce.status for bounce in nights.back()] == ["4.2.2", "5.1.1"]


def test_many_rows_of_one_message(nights):
    """Dozens of rows of one message are told apart too, and unchanged when they come again."""
    rows = [row(1, DATE="2024-03-01 00:{:02d}:00".format(minute), REASON=str(minute)) for minute in range(25)]
    nights.add(1, rows[::-1] + [row(2)])
    assert told(nights.run()) == (26, 0, 0, 0)
    nights.check()
    nights.add(1, rows + [row(2)])
    assert told(nights.run()) == (0, 0, 26, 0)
    assert [bounce.reason for bounce in nights.back()] == ["24", "550 no such user 2"]


def test_rows_without_an_id(nights):
    """Rows without ID_SEND_MESSAGE are told apart by their content, and equal ones are as many as they are."""
    nights.add(1, [row(1, ID_SEND_MESSAGE=None)] * 3 + [row(2, ID_SEND_MESSAGE="")])
    assert told(nights.run()) == (4, 0, 0, 0)
    keys = sorted(key for _, key in nights.present())
    assert len({key.partition("#")[0] for key in keys}) == 2
    assert sorted(key.partition("#")[2] for key in keys) == ["", "", "2", "3"]
    nights.add(1, [row(2, ID_SEND_MESSAGE=None)] + [row(1, ID_SEND_MESSAGE=None)] * 2)
    assert told(nights.run()) == (0, 0, 3, 1)
    assert len(nights.back()) == 3
