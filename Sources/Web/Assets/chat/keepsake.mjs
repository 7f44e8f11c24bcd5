/** What this browser remembers of the chat: a guest's secret for each show, the name, the language. */
const prefix = "shopcast.chat.";

function read(name) {
    try {
        return JSON.parse(localStorage.getItem(prefix + name));
    } catch {
        return null;
    }
}

function write(name, value) {
    try {
        localStorage.setItem(prefix + name, JSON.stringify(value));
    } catch {
        // A browser that keeps nothing asks again.
    }
}

export class Keepsake {
    #show;

    constructor(show) {
        this.#show = show;
    }

    /** Who the guest is: { id, name, secret }; null at first. */
    get guest() {
        const guest = read(`guest.${this.#show}`);
        return typeof guest?.secret === "string" ? guest : null;
    }

    set guest(guest) {
        write(`guest.${this.#show}`, guest);
        write("name", guest.name);
    }

    /** The name that was used last, in whichever show. */
    get name() {
        return this.guest?.name ?? read("name") ?? "";
    }

    /** The secret of the host's link by which the reader came to this show. */
    get door() {
        return read(`door.${this.#show}`) ?? "";
    }

    set door(secret) {
        write(`door.${this.#show}`, secret);
    }

    /** The language of the chat, where one was chosen. */
    get language() {
        const language = read("language");
        return typeof language === "string" ? language : null;
    }

    set language(language) {
        write("language", language);
    }
}
