"""A show that was announced and is cancelled: whoever has it in a calendar, has its page open, or would stream to it is told."""
import icalendar

from api import instant
from deadline import wait_until
from page_browser import Visit


def test_a_cancelled_show_is_taken_back_everywhere(house, ops, nobody, publish, browser):
    ops.show("off", isScheduled=True, start=instant(days=1), lengthMinutes=60, zone="Europe/Rome")
    key = ops.made("/shows/off/keys", {})["secret"]
    address = f"rtmp://127.0.0.1:{house.rtmp_port}/live/{key}"
    def page():
        return house.http.get(house.url("/shows/off"), headers={"Accept": "text/html", "Accept-Language": "en"}).text
    def event():
        answer = house.http.get(house.url("/shows/off/calendar.ics"))
        assert answer.status_code == 200
        (found,) = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
        return found
    before = event()
    assert str(before["STATUS"]) == "CONFIRMED" and "Show off" in house.http.get(house.url("/")).text

    # Its host is rehearsing, and somebody waits for it.
    host = publish(house, "small", url=address)
    wait_until(lambda: ops.get("/shows/off").json()["state"] == "rehearsal", 20, "it is rehearsed")
    with Visit(browser, house.url()) as visit:
        visit.open("/shows/off")
        visit.wait_state("soon")
        assert ops.post("/shows/off/cancel").json() == {"state": "cancelled"}
        visit.wait_state("cancelled")
        visit.wait_reading("This show was cancelled")
        assert visit.page.is_hidden("#calendar") and visit.is_first_document and visit.serious_complaints == []
    assert host.wait(15) is not None, "whoever publishes is cut"

    after = event()
    assert str(after["STATUS"]) == "CANCELLED" and after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"] and after.start == before.start
    assert not after.walk("VALARM"), "nobody is woken for it"
    assert "This show was cancelled" in page() and "EventCancelled" in page()
    assert "Show off" not in house.http.get(house.url("/")).text
    assert "off" not in [show["id"] for show in nobody.get("/shows", params={"limit": 200}).json()["shows"]]
    for url in (address, f"srt://127.0.0.1:{house.srt_port}?streamid=#!::r={key},m=publish&pkt_size=1316"):
        assert publish(house, "small", url=url).wait(20) != 0, "no feed is let in"
    wait_until(lambda: "the show is cancelled" in house.log(), 5, "the log says why")
    assert ops.post("/shows/off/go-live").status_code == 409
