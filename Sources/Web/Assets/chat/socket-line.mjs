/** So long (ms) may the server be silent before it is asked, and until the line counts as dead. */
const silence = 25_000;
const death = 40_000;
/** As which a key is shown, beside the protocol: a page can give its socket no header fields. */
const bearer = "shopcast.bearer.";
/** So long (ms) may the way to the first hello take. */
const patience = 10_000;

/**
 * One WebSocket to a show's chat. Calls `events(list)` with what arrives, and `ended({ code, retryAfterSeconds })` once.
 */
export class SocketLine {
    canReact = true;
    #socket;
    #heard = performance.now();
    #isOver = false;
    #watch = 0;
    #bye = 0;
    #on;

    /**
     * @param {{ show: string, hello: object, guest?: { id: string, name: string, secret: string },
     *     token?: string, proof?: Record<string, string>, events: (list: object[]) => void, ended: (how: object) => void }} options
     */
    constructor({ show, hello, guest, token, proof, events, ended }) {
        this.#on = { events, ended };
        const address = new URL(`/ws/shows/${encodeURIComponent(show)}`, location.href);
        address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
        if (token) address.searchParams.set("token", token);
        let socket;
        try {
            socket = new WebSocket(address, ["shopcast.v1", ...(proof ? [bearer + asToken(proof.Authorization)] : [])]);
        } catch {
            // A browser whose policy does not know that our own origin includes its sockets.
            queueMicrotask(() => this.#end({}));
            return;
        }
        this.#socket = socket;
        let hasSpoken = false;
        socket.addEventListener("open", () => socket.send(JSON.stringify({ type: "hello", v: 1, ...hello, guest: guest?.secret })));
        socket.addEventListener("message", ({ data }) => {
            this.#heard = performance.now();
            const list = eventsOf(data);
            if (!list) return;
            hasSpoken = true;
            this.#bye = list.find((event) => event.type === "bye")?.retryAfterSeconds ?? this.#bye;
            events(list);
        });
        socket.addEventListener("close", ({ code }) => this.#end({ code }));
        this.#watch = setInterval(() => {
            const silent = performance.now() - this.#heard;
            if (silent > (hasSpoken ? death : patience)) this.#end({});
            else if (hasSpoken && silent > silence) this.send({ type: "ping" });
        }, 5000);
    }

    /** Whether it went on its way. */
    send(words) {
        if (this.#socket?.readyState !== WebSocket.OPEN) return false;
        this.#socket.send(JSON.stringify(words));
        return true;
    }

    /** Asks for captions in these languages; false where that does not go. */
    read(languages) {
        return this.send({ type: "captions", languages });
    }

    /** Ends without a word to `ended`. */
    close() {
        this.#on.ended = () => {};
        this.#end({});
    }

    #end(how) {
        if (this.#isOver) return;
        this.#isOver = true;
        clearInterval(this.#watch);
        this.#socket?.close();
        this.#on.ended({ ...how, retryAfterSeconds: this.#bye });
    }
}

/** The key of `Bearer KEY` in base64url. */
function asToken(field) {
    const bytes = new TextEncoder().encode(field.replace(/^Bearer /, ""));
    return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The events of a frame; null where it is none of ours. */
export function eventsOf(data) {
    try {
        const list = JSON.parse(data);
        return Array.isArray(list) ? list.filter((event) => typeof event?.type === "string") : null;
    } catch {
        return null;
    }
}
