/** What a browser keeps for the next page; one that keeps nothing holds it for this page only. */

export function kept(place) {
    try {
        return localStorage.getItem(place) ?? "";
    } catch {
        return "";
    }
}

export function keep(place, words) {
    try {
        localStorage.setItem(place, words);
    } catch {
        // The choice holds for this page.
    }
}
