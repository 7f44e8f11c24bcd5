/** So many cues of one language are on the picture at a time: the newest. */
const most = 3;

/**
 * What is to be read on the picture: of each language the cues of the moment, one block below the other. The browser's own
 * track says it where the page does not know better.
 */
export class CaptionScreen {
    #box;
    #drawn = "";

    constructor(box) {
        this.#box = box;
    }

    /**
     * @param {{ language: string, book: import("./cue-book.mjs").CueBook | null, track: TextTrack | null }[]} blocks
     * @param {number | null} date of the picture
     */
    draw(blocks, date) {
        const shown = blocks.map(({ language, book, track }) => ({ language, texts: texts(book, track, date) })).filter(({ texts }) => texts.length);
        const drawn = JSON.stringify(shown);
        if (drawn === this.#drawn) return;
        this.#drawn = drawn;
        this.#box.hidden = shown.length === 0;
        this.#box.replaceChildren(...shown.map(({ language, texts }) => block(language, texts)));
    }
}

function block(language, texts) {
    const place = document.createElement("div");
    place.className = "caption-block";
    place.lang = language;
    for (const { speaker, text } of texts) {
        const line = document.createElement("p");
        line.dir = "auto";
        const words = document.createElement("span");
        if (speaker) {
            // A name in another script turns nothing of what is said.
            const who = document.createElement("bdi");
            who.textContent = `${speaker}:`;
            words.append(who, " ");
        }
        words.append(text);
        line.append(words);
        place.append(line);
    }
    return place;
}

function texts(book, track, date) {
    const known = date === null || !book ? [] : book.at(date);
    const isWhole = known.length > 0 || Boolean(date !== null && book?.covers(date));
    const said = new Map(known.map(({ speaker, text }) => [`${speaker ?? ""}\n${text}`, { speaker, text }]));
    for (const cue of track?.activeCues ?? []) {
        const id = Number(cue.id.match(/^c(\d+)$/)?.[1] ?? NaN);
        // What the page knows, or knows to be gone, the playlist's older words do not bring back.
        if (!Number.isNaN(id) && (isWhole || book?.knows(id))) continue;
        if (Number.isNaN(id) && book?.partial) continue;
        // What the browser made of the markup, as text. A cue may stand in two segments.
        const text = cue.getCueAsHTML?.().textContent ?? cue.text;
        said.set(`\n${text}`, { text });
    }
    return [...said.values()].slice(-most);
}
