"""Going back in a live show and coming forth again, by mouse, finger and keyboard."""
import pytest

from deadline import wait_until
from page_browser import PHONE, Visit
from server import show

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}


@pytest.fixture(scope="module")
def live(launch_once, publish_once, browser):
    """A show that has been live for as long as the bar needs."""
    server = launch_once([show()], ladder=LADDER)
    publish_once(server, "small")
    with Visit(browser, server.url()) as visit:
        visit.open()
        visit.wait_playing(40)
        wait_window(visit, 24)
    return server


def wait_window(visit, seconds, patience=60):
    """The page can go back so far."""
    def reach():
        found = visit.told("range")
        return found and found["end"] - found["start"] >= seconds
    wait_until(reach, patience, f"{seconds} s of the show can be seen again", every=0.25)


def ready(visit):
    visit.open()
    visit.wait_playing()
    visit.controls()
    visit.page.locator("#timeline").wait_for(state="visible", timeout=5000)


def plays_behind(visit, least, most):
    """The picture moves, so far behind the live edge."""
    wait_until(lambda: least <= visit.behind <= most, 10, f"{least} to {most} s behind live, and not {visit.behind}")
    frames = visit.frames()
    wait_until(lambda: visit.frames() > frames + 20, 10, "the picture moves")
    assert least <= visit.behind <= most + 1
    assert visit.body("behind") == "true"


def is_live_again(visit):
    wait_until(lambda: visit.behind < 3.5, 6, "back at the live edge")
    assert not visit.told("isShifted")
    visit.wait_playing()
    wait_until(lambda: visit.body("behind") == "false", 5, "the page says so")
    assert visit.page.inner_text("#place") == ""
    assert visit.told("faults") == [] and visit.serious_complaints == []


def test_the_mouse_goes_back_and_the_button_comes_forth(live, browser):
    with Visit(browser, live.url()) as visit:
        ready(visit)
        box = visit.page.locator("#seek").bounding_box()
        length = visit.told("range")["end"] - visit.told("range")["start"]
        visit.page.mouse.click(box["x"] + box["width"] * 0.3, box["y"] + box["height"] / 2)
        plays_behind(visit, length * 0.5, length * 0.9 + 3)
        assert visit.page.inner_text("#place").startswith("\u2212")
        assert "behind live" in visit.page.get_attribute("#seek", "aria-valuetext")
        visit.controls()
        visit.page.click("#edge")
        is_live_again(visit)


def test_the_keyboard_goes_back_and_comes_forth(live, browser):
    with Visit(browser, live.url()) as visit:
        ready(visit)
        press = visit.page.keyboard.press
        for _ in range(3):
            press("ArrowLeft")
        plays_behind(visit, 12, 19)
        press("ArrowRight")
        plays_behind(visit, 7, 14)
        press("End")
        is_live_again(visit)
        # The bar itself, as Tab reaches it.
        visit.page.focus("#seek")
        assert visit.page.get_attribute("#seek", "aria-valuetext") == "Live"
        press("PageDown")
        press("ArrowLeft")
        wait_until(lambda: visit.told("isShifted"), 3, "the bar has gone back")
        assert visit.page.get_attribute("#seek", "aria-valuetext").endswith("seconds behind live")
        press("End")
        is_live_again(visit)


def test_a_finger_goes_back_and_comes_forth(live, browser):
    with Visit(browser, live.url(), PHONE) as visit:
        visit.open()
        visit.wait_playing()
        # The controls have stepped aside; a tap on the picture brings them back.
        wait_until(lambda: visit.body("quiet") == "true", 10, "the controls step aside")
        stage = visit.page.locator("#stage").bounding_box()
        visit.page.touchscreen.tap(stage["x"] + stage["width"] / 2, stage["y"] + stage["height"] / 3)
        wait_until(lambda: visit.body("quiet") == "false", 2, "the controls are back")
        box = visit.page.locator("#seek").bounding_box()
        assert box["height"] >= 30 and box["x"] >= 0 and box["x"] + box["width"] <= 390
        # Playwright waits until the bar stands still: the controls slide in.
        visit.page.locator("#seek").tap(position={"x": box["width"] * 0.2, "y": box["height"] / 2})
        plays_behind(visit, 12, 40)
        edge = visit.page.locator("#edge").bounding_box()
        assert edge["height"] >= 44
        visit.page.tap("#edge")
        is_live_again(visit)


def test_a_pause_goes_on_where_it_was(live, browser):
    with Visit(browser, live.url()) as visit:
        ready(visit)
        visit.page.keyboard.press("k")
        before = visit.video("currentTime")
        visit.wait(7)
        visit.page.keyboard.press("k")
        plays_behind(visit, 7, 12)
        assert visit.video("currentTime") < before + 6
        # A viewer who looks away and comes back stays there too.
        visit.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        plays_behind(visit, 7, 14)


def test_a_wait_belongs_to_the_seek_before_it_for_a_second(live, browser):
    """The browser's own events, told at the moments that matter: no network does that twice alike."""
    with Visit(browser, live.url()) as visit:
        ready(visit)
        visit.page.evaluate("""() => {
            window.wait = () => document.querySelector('video').dispatchEvent(new Event('waiting'));
            document.querySelector('video').addEventListener('seeked', () => window.wait(), { once: true });
        }""")
        for _ in range(2):
            visit.page.keyboard.press("ArrowLeft")
        plays_behind(visit, 7, 16)
        place = visit.video("currentTime")
        wait_until(lambda: visit.told("status") == "playing", 3, "it is known to play on")
        assert visit.told("stalls") == 0
        wait_until(lambda: visit.video("currentTime") > place + 1.5, 5, "the seek is over")
        visit.page.evaluate("window.wait()")
        assert visit.told("stalls") == 1 and visit.told("status") == "waiting"
        wait_until(lambda: visit.told("status") == "playing", 3, "it is known to play on")


@pytest.mark.long
def test_ten_minutes_back_and_forth(launch, publish, browser, record_property):
    server = launch([show()], ladder=LADDER)
    publish(server, "small")
    with Visit(browser, server.url()) as visit:
        visit.open()
        visit.wait_playing(40)
        wait_window(visit, 620, 700)
        for _ in range(2):
            visit.page.evaluate("document.querySelector('#seek').focus()")
            visit.page.evaluate(
                "(() => { const bar = document.querySelector('#seek'); bar.value = -600;"
                " for (const name of ['input', 'change']) bar.dispatchEvent(new Event(name, { bubbles: true })); })()")
            plays_behind(visit, 590, 612)
            visit.wait(10)
            assert visit.told("stalls") == 0
            visit.controls()
            visit.page.click("#edge")
            is_live_again(visit)
        record_property("seconds behind live after it", f"{visit.behind:.2f}")
