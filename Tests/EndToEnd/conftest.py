"""Fixtures: servers and hosts that end with the test (or module) that started them.

`launch` and `publish` last for one test, `launch_once` and `publish_once` for all of a module's tests.
`server` and `viewer` are what a module uses that asks for nothing special; others have their own. `watch` makes more viewers
of the module's server, and `browser` is a browser for its pages. `house` is a server whose API is asked, `ops` and `nobody`
are clients of it; a module may have a house of its own.
When a test fails, the end of every running server's log is added to its report.
"""
import contextlib

import pytest
from playwright.sync_api import sync_playwright

import api
import halves
import media
import server as servers
from page_browser import chromium
from publisher import Publisher
from viewer import Viewer

_running = []


@contextlib.contextmanager
def _launcher(folder, certificate):
    """Gives a function that starts servers, and stops them all at the end."""
    started = []

    def launch(shows=None, tls=False, **settings):
        server = servers.Server(
            folder / f"server{len(started)}", shows, certificate=certificate if tls else None, **settings)
        started.append(server)
        _running.append(server)
        return server.start()

    try:
        yield launch
    finally:
        for server in started:
            _running.remove(server)
        codes = [server.stop() for server in started if server.process]
    # A server that a test has ended is none of ours; one that ended by itself is a crash.
    assert all(code in (0, -9) for code in codes), f"servers ended with {codes}:\n{started[0].log(60)}"


@contextlib.contextmanager
def _publishing(folder):
    """Gives a function that starts hosts, and ends them all at the end."""
    started = []

    def publish(server, file="small", show="show", url=None, **options):
        path = media.made(file) if isinstance(file, str) else file
        log = folder / f"publisher{len(started)}.log"
        started.append(Publisher(path, url or server.rtmp(show), log, **options))
        return started[-1]

    try:
        yield publish
    finally:
        for publisher in started:
            publisher.stop()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    halves.divide(items)


@pytest.fixture(scope="session", autouse=True)
def _run_folder(tmp_path_factory):
    """A folder for the whole run, whichever half of it this is."""
    assert servers.BINARY.exists(), f"{servers.BINARY} is missing: run Deploy/build"
    own = tmp_path_factory.getbasetemp()
    servers.run_folder = own.parent if halves.is_split() else own
    return servers.run_folder


@pytest.fixture(autouse=True)
def _turn(request, _run_folder):
    with halves.turn(_run_folder, request.node.get_closest_marker("alone") is not None):
        yield


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A folder with certificate.pem and key.pem, self-signed."""
    return servers.make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def launch(tmp_path, certificate):
    with _launcher(tmp_path, certificate) as launch:
        yield launch


@pytest.fixture(scope="module")
def launch_once(tmp_path_factory, certificate):
    with _launcher(tmp_path_factory.mktemp("servers"), certificate) as launch:
        yield launch


@pytest.fixture
def publish(tmp_path):
    with _publishing(tmp_path) as publish:
        yield publish


@pytest.fixture(scope="module")
def publish_once(tmp_path_factory):
    with _publishing(tmp_path_factory.mktemp("publishers")) as publish:
        yield publish


@pytest.fixture(scope="module")
def server(launch_once, publish_once):
    """Over TLS: a live show with one rendition below the source, and one that has not begun."""
    ladder = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}
    server = launch_once([servers.show(), servers.show("later")], tls=True, ladder=ladder)
    publish_once(server, "small")
    return server


@pytest.fixture(scope="module")
def viewer(server):
    """A viewer of `server` once three segments of each rendition are there."""
    viewer = Viewer(server.url())
    viewer.wait_live()
    for name in ("source", "240p"):
        viewer.wait_segments(name, 3)
    yield viewer
    viewer.close()


@pytest.fixture
def watch(server):
    """Gives a function that watches a show of `server`, once it is live."""
    viewers = []

    def watch(name="show"):
        viewers.append(Viewer(server.url(), name))
        viewers[-1].wait_live(40)
        return viewers[-1]

    yield watch
    for viewer in viewers:
        viewer.close()


@pytest.fixture(scope="module")
def house(launch_once):
    return launch_once([servers.show()], ladder={"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False})


@pytest.fixture(scope="module")
def ops(house):
    """A client with an operator's token."""
    client = api.operator(house)
    yield client
    client.close()


@pytest.fixture
def nobody(house):
    client = api.Client(house)
    yield client
    client.close()


# Of a module: while Playwright runs, so does an event loop in this thread, and tests of other modules have loops of their own.
@pytest.fixture(scope="module")
def playwright():
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def browser(playwright):
    """Debian's Chromium; `Visit` is a person's own context and tab of it."""
    with chromium(playwright) as browser:
        yield browser


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed:
        for server in _running:
            report.sections.append((f"log of {server.folder.name}", server.log(40)))
    return report


def pytest_terminal_summary(terminalreporter):
    """Figures that tests have measured (`record_property`), so that a run reports them even when all pass."""
    figures = [
        (report.nodeid.rpartition("::")[2], name, value)
        for report in terminalreporter.stats.get("passed", []) + terminalreporter.stats.get("failed", [])
        for name, value in report.user_properties]
    if figures:
        terminalreporter.section("measured")
        for test, name, value in figures:
            terminalreporter.write_line(f"{test}: {name} = {value}")
