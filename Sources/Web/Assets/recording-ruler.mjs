/** What the playlist of a recording tells that a browser's own player does not: the dates of its pictures, and its captions. */

/** @returns {Promise<{ places: { start: number, date: number }[], captions: object[] }>} rejected where it cannot be had */
export async function measure(playlist, signal) {
    const read = async (address) => {
        const answer = await fetch(address, { signal });
        if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
        return (await answer.text()).split("\n").map((line) => line.trim());
    };
    const base = new URL(playlist, location.href);
    const lines = await read(base);
    const first = lines.find((line) => line && !line.startsWith("#"));
    return { captions: captionsOf(lines), places: first ? placesOf(await read(new URL(first, base))) : [] };
}

function captionsOf(lines) {
    const tracks = lines.filter((line) => line.startsWith("#EXT-X-MEDIA:") && line.includes("TYPE=SUBTITLES"));
    const attribute = (line, name) => line.match(new RegExp(`[:,]${name}="([^"]*)"`))?.[1] ?? "";
    return tracks.map((line) => ({
        name: attribute(line, "NAME"), language: attribute(line, "LANGUAGE"),
        isMachineMade: attribute(line, "CHARACTERISTICS").includes("public.machine-generated"),
    }));
}

/** Where each segment starts, in seconds from the beginning, and its date (Unix milliseconds). */
function placesOf(lines) {
    const places = [];
    let [start, date] = [0, NaN];
    for (const line of lines) {
        if (line.startsWith("#EXT-X-PROGRAM-DATE-TIME:")) {
            date = Date.parse(line.slice(line.indexOf(":") + 1));
        } else if (line.startsWith("#EXTINF:")) {
            const length = parseFloat(line.slice(8));
            if (!Number.isNaN(date)) places.push({ start, date });
            start += length;
            date += length * 1000;
        }
    }
    return places;
}
