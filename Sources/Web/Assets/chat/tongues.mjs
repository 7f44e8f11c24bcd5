import { language } from "../messages.mjs";

/** The languages that messages can be had in, each called as it calls itself. */
const spoken = ["en", "es", "pt", "fr", "it", "de", "id", "ms", "vi", "th", "ja", "ko", "zh-Hans", "ar", "ru"];
const byRegion = { zh: "zh-Hans", "zh-CN": "zh-Hans", "zh-SG": "zh-Hans", in: "id" };

const called = (tag, by) => {
    try {
        const name = new Intl.DisplayNames([by], { type: "language", languageDisplay: "standard" }).of(tag);
        return name ? name[0].toLocaleUpperCase(by) + name.slice(1) : tag;
    } catch {
        return tag;
    }
};

/** The name of a language for the page's reader, as it stands in a sentence. */
export const nameOf = (tag) => {
    try {
        return new Intl.DisplayNames([language], { type: "language" }).of(tag) ?? tag;
    } catch {
        return tag;
    }
};

/** [tag, its own name] for a menu. */
export const tongues = () => spoken.map((tag) => [tag, tag === "zh-Hans" ? "简体中文" : called(tag, tag)]);

/** The one of our languages that `tag` is; null where it is none. */
export function ours(tag) {
    const short = tag?.split("-")[0];
    return [tag, byRegion[tag], short, byRegion[short]].find((name) => spoken.includes(name)) ?? null;
}

/** What the browser's reader reads: a language that the page has not comes before the page's own. */
export const firstTongue = () => ours(navigator.languages?.[0]) ?? ours(language) ?? "en";
