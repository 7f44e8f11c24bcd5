import { language } from "./messages.mjs";

/**
 * The text of a show that its reader wants most, and its language: `texts` by BCP 47 tag, `own` the show's language.
 * The same choice as the server's: the page's language, the browser's wishes, the show's own, any.
 */
export function bestText(texts, own) {
    const tags = Object.keys(texts ?? {}).sort();
    for (const wish of [language, ...navigator.languages, own]) {
        const subtags = wish.split("-");
        while (subtags.length) {
            const wanted = subtags.join("-").toLowerCase();
            const wider = subtags.length === 1 ? `${wanted}-` : null;
            const found =
                tags.find((tag) => tag.toLowerCase() === wanted) ?? (wider && tags.find((tag) => tag.toLowerCase().startsWith(wider)));
            if (found) return { text: texts[found], language: found };
            subtags.pop();
        }
    }
    return tags.length ? { text: texts[tags[0]], language: tags[0] } : { text: "", language: "und" };
}

/** Writes `best` into `place`, with its language where that is not the page's. */
export function putText(place, best) {
    if (!place) return;
    if (place.textContent !== best.text) place.textContent = best.text;
    if (best.language === language || best.language === "und") place.removeAttribute("lang");
    else place.lang = best.language;
}
