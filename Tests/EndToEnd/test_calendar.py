"""A show's calendar file, read by PyPI's icalendar."""
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import icalendar
import pytest

from server import show

HOSTILE = "Silk, \\ wool; 絹" + "長" * 60 + "🧣" * 20
# In Berlin clocks change on the last Sundays of March and October.
WEEKLY = datetime(2026, 10, 16, 20, 0, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.fixture(scope="module")
def server(launch_once):
    return launch_once([
        show("silk", title="Silk", language="en", titles={"ja": HOSTILE}, start="2026-12-01T19:00:00+01:00",
             lengthMinutes=90, tags=["silk; wool", "new"], descriptions={"en": "By hand.\nFrom Como; truly."}),
        show("weekly", start=WEEKLY.isoformat(), zone="Europe/Berlin", weekly=True), show("plain"),
    ])


def calendar(server, name, **headers):
    answer = server.http.get(server.url(f"/shows/{name}/calendar.ics"), headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["content-disposition"] == f'inline; filename="{name}.ics"'
    text = answer.content
    assert text.endswith(b"END:VCALENDAR\r\n") and text.count(b"\n") == text.count(b"\r\n") == text.count(b"\r")
    assert all(len(line) <= 75 for line in text.split(b"\r\n"))
    found = icalendar.Calendar.from_ical(text)
    assert found["VERSION"] == "2.0" and found["METHOD"] == "PUBLISH"
    assert found.errors == [] and all(event.errors == [] for event in found.walk())
    return found.walk("VEVENT")


def test_an_event_says_all_of_it(server):
    (event,) = calendar(server, "silk")
    assert str(event["SUMMARY"]) == "Silk" and event["SUMMARY"].params["LANGUAGE"] == "en"
    assert event.start == datetime(2026, 12, 1, 18, tzinfo=timezone.utc)
    assert event.end - event.start == timedelta(minutes=90)
    page = server.url("/shows/silk")
    assert str(event["URL"]) == page
    assert str(event["DESCRIPTION"]) == f"By hand.\nFrom Como; truly.\n\nWatch here: {page}"
    assert event.categories == ["silk; wool", "new"]
    assert str(event["STATUS"]) == "CONFIRMED" and event["SEQUENCE"] >= 0
    (alarm,) = event.walk("VALARM")
    assert alarm["TRIGGER"].dt == timedelta(minutes=-10) and alarm["ACTION"] == "DISPLAY"
    # Asked again, it is the same event.
    (again,) = calendar(server, "silk")
    assert (again["UID"], again["SEQUENCE"]) == (event["UID"], event["SEQUENCE"]) and event["UID"] == "silk@127.0.0.1"


def test_any_title_survives(server):
    (event,) = calendar(server, "silk", **{"Accept-Language": "ja"})
    assert str(event["SUMMARY"]) == HOSTILE
    assert event["SUMMARY"].params["LANGUAGE"] == "ja"


def test_a_weekly_show_keeps_its_local_time_over_the_change_of_the_clocks(server):
    events = calendar(server, "weekly")
    starts = [event.start.astimezone(ZoneInfo("Europe/Berlin")) for event in events]
    assert starts == [WEEKLY + timedelta(weeks=week) for week in range(9)]
    assert {start.hour for start in starts} == {20}
    assert len({event.start.hour for event in events}) == 2
    uids = [event["UID"] for event in events]
    assert uids[:2] == ["weekly@127.0.0.1", "weekly-20261023@127.0.0.1"] and len(set(uids)) == 9


def test_what_has_no_date_has_no_calendar(server):
    for name in ("plain", "nobody", "..%2Fsilk"):
        answer = server.http.get(server.url(f"/shows/{name}/calendar.ics"))
        assert answer.status_code == 404 and answer.headers["content-type"] == "application/problem+json"
    # A Host that is none does not get into it.
    answer = server.http.get(server.url("/shows/silk/calendar.ics"), headers={"Host": "a.example\"onload=x"})
    assert answer.status_code in (200, 400) and b"onload" not in answer.content
