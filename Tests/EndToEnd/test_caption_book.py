"""What a page knows of captions: the book of a language, and the feed that fills it, by themselves in a browser."""
import pytest

from page_browser import Visit

BOOK = "const { CueBook } = await import('/assets/captions/cue-book.mjs');"
#: A feed over a line that says what a test has it say, and an API that answers `cues` when it is let.
FEED = """
    const { CueFeed } = await import('/assets/captions/cue-feed.mjs');
    const now = Date.now(), iso = (date) => new Date(date).toISOString(), asked = [], held = [];
    let cues = [], isHeld = false;
    window.fetch = async (place) => {
        const query = new URL(place, location.href).searchParams, answer = cues;
        const [from, to] = ['from', 'to'].map((name) => Date.parse(query.get(name)));
        asked.push([from - now, to - now]);
        if (isHeld) await new Promise((go) => held.push(go));
        return new Response(JSON.stringify({ cues: answer.filter(({ start }) => Date.parse(start) < to) }), { status: 200 });
    };
    const link = Object.assign(new EventTarget(), { isOpen: true, read() {} });
    const feed = new CueFeed({ show: 'show' });
    feed.connect(link);
    feed.want(['en']);
    const tell = (...events) => link.dispatchEvent(new CustomEvent('events', { detail: events.map((e) => ({ language: 'en', ...e })) }));
    const cue = (id, after, text = `cue ${id}`) => ({ id, start: iso(now + after), end: iso(now + after + 1000), text, revision: 1 });
    const at = (after) => feed.book('en').at(now + after).map(({ text }) => text);
    const settled = () => new Promise((go) => setTimeout(go));
"""


@pytest.fixture(scope="module")
def run(launch_once, browser):
    """What a piece of JavaScript gives, with the page's modules at hand."""
    with Visit(browser, launch_once().url()) as visit:
        visit.open("/")
        yield lambda body: visit.page.evaluate("async () => {" + body + "}")


def test_what_the_line_has_not_told_is_asked_for_once(run):
    """A file for the whole evening is there, of which the line tells two minutes."""
    found = run(FEED + """
        cues = [cue(1, 0), cue(2, 70_000), cue(3, 200_000)];
        tell({ type: 'captions', from: iso(now - 120_000), until: iso(now + 60_000), cues: [cue(1, 0)] });
        feed.look(now);
        const first = asked.length;
        for (let after = 0; after < 200_000; after += 5000) { feed.look(now + after); await settled(); }
        return { first, asked, texts: [at(500), at(70_500), at(200_500)], unknown: feed.book('en').covers(now + 400_000) };
    """)
    assert found["first"] == 0, "what the line has told need not be asked for"
    assert found["asked"] == [[60_000, 360_000]]
    assert found["texts"] == [["cue 1"], ["cue 2"], ["cue 3"]] and not found["unknown"]


def test_what_was_replaced_is_read_and_does_not_come_back(run):
    found = run(FEED + """
        cues = [cue(1, 500)];
        tell({ type: 'captions', from: iso(now - 10_000), until: iso(now), cues: [] });
        isHeld = true;
        feed.look(now);
        const under = asked.length;
        cues = [cue(2, 500)];
        tell({ type: 'cuesReplaced' });
        const covers = feed.book('en').covers(now + 500);
        held.forEach((go) => go());
        isHeld = false;
        for (let i = 0; i < 20; i++) await settled();
        const stale = at(600);
        await new Promise((go) => { const timer = setInterval(() => { feed.look(now); if (at(600).length) { clearInterval(timer); go(); } }, 50); });
        return { under, covers, stale, fresh: at(600), old: feed.book('en').find(1) };
    """)
    assert found == {"under": 1, "covers": False, "stale": [], "fresh": ["cue 2"], "old": None}


def test_a_book_is_bounded_and_knows_of_what(run):
    """However cues come, at most 5000 are kept, and what went is not claimed to be known."""
    found = run(BOOK + """
        const cue = (id) => ({ id, start: id * 1000, end: id * 1000 + 900, text: 'x', revision: 1 });
        const all = (from, to) => Array.from({ length: to - from }, (_, i) => cue(from + i));
        const told = new CueBook(), ahead = new CueBook(), line = new CueBook();
        told.learn(0, Infinity, [], told.turn);
        for (const one of all(0, 6000)) told.put(one);
        ahead.learn(0, 1e9, all(0, 6000), ahead.turn);
        const sound = (book) => all(0, 6000).every(({ id, start }) => book.find(id) !== null || !book.covers(start));
        return [told, ahead].map((book) => [book.list.length <= 5000, book.list.length >= 4000, sound(book)]).concat([[told.covers(5_999_500), ahead.covers(500), ahead.covers(5_999_500)]]);
    """)
    assert found == [[True, True, True], [True, True, True], [True, True, False]]


TRANSCRIPT = """
    const { Transcript } = await import('/assets/captions/transcript.mjs');
    const { CueBook } = await import('/assets/captions/cue-book.mjs');
    const place = document.createElement('section'), book = new CueBook();
    place.hidden = true;
    document.body.append(place);
    let date = 0;
    const player = { get range() { return { start: 0, end: 6000, position: date / 1000 }; }, isReplay: true, isShifted: false, dateAt: (time) => time * 1000, timeOf: (date) => date / 1000, seek() {} };
    const said = new Transcript(place, null, player);
    said.connect({ book: () => book, load() {} });
    said.offer([{ language: 'en', name: 'English' }], 'en');
    book.learn(0, 1e9, Array.from({ length: 3000 }, (_, i) => ({ id: i + 1, start: i * 2000, end: i * 2000 + 1900, text: `line ${i}`, revision: 1 })), book.turn);
    said.open();
    const list = place.querySelector('.said-list');
    Object.assign(list.style, { height: '300px', overflowY: 'auto', overflowAnchor: 'none', position: 'relative' });
    const frame = () => new Promise((go) => setTimeout(go, 300));
    const lines = () => [...list.querySelectorAll('.said-words')].map(({ textContent }) => Number(textContent.split(' ')[1]));
    const isRow = (all) => all.every((number, i) => number === all[0] + i);
"""


def test_a_long_transcript_is_read_along_and_back(run):
    """Of thousands of lines a few are in the page: those around the picture, and those around a reader who scrolls."""
    found = run(TRANSCRIPT + """
        const seen = [], steps = [];
        for (const second of [0, 3000, 3100, 5999, 10]) {
            date = second * 1000;
            await frame();
            said.follow(date);
            const all = lines();
            seen.push([all.length, all.includes(Math.floor(second / 2)), isRow(all)]);
        }
        // Somebody reads on from there, faster than the picture.
        list.dispatchEvent(new WheelEvent('wheel'));
        for (let i = 0; i < 300 && !lines().includes(1500); i++) {
            list.scrollTop += 300;
            const top = list.getBoundingClientRect().top, first = [...list.children].find((line) => line.getBoundingClientRect().bottom > top);
            const [text, place] = [first.textContent, first.getBoundingClientRect().top];
            await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
            const again = [...list.children].find(({ textContent }) => textContent === text);
            steps.push(again ? Math.abs(again.getBoundingClientRect().top - place) : 1e6);
        }
        await frame();
        said.follow(date);
        const read = [lines().length, lines().includes(1500), isRow(lines())];
        place.remove();
        return { seen, read, jump: Math.max(...steps) };
    """)
    assert found["seen"] == [[200, True, True]] * 5
    assert found["read"] == [200, True, True] and found["jump"] < 2, "and what is looked at stays in its place"
