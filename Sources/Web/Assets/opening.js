/* The opening: what the page shows before the player is there. This script stands in the page itself and runs before
 * anything else is loaded: it fetches a key frame's part and those after it, and plays them without sound in a video of
 * its own, which the player takes over from as soon as it plays at the same place. Where any of it fails, the page goes
 * on as if it had not been. */
(() => {
    const { opening } = JSON.parse(document.getElementById("show").textContent);
    const Source = window.MediaSource;
    if (!opening || !Source?.isTypeSupported(opening.type)) return;

    const video = document.createElement("video");
    const source = new Source();
    const load = async (address) => {
        const answer = await fetch(address, { priority: "high" });
        if (!answer.ok) throw new Error(`${answer.status}`);
        return answer.arrayBuffer();
    };
    const first = Promise.all([load(opening.initSection), load(opening.parts[0])]);
    let isOver = false;
    let settle;
    // Not for ever: a tab that is not seen shows no picture.
    const settled = new Promise((resolve) => (settle = resolve));
    setTimeout(settle, 1500);

    window.shopcastOpening = {
        rendition: opening.rendition,
        /** Fulfilled when the first picture is there, or will not be: what is heavier than it waits for this. */
        settled,
        /** Milliseconds from the opening of the page to the first picture, or null. */
        firstFrame: null,
        /** Called with each change: the first picture, the end. */
        onchange: null,
        get isShown() {
            return this.firstFrame !== null && !isOver;
        },
        /** The date of the picture, Unix milliseconds. */
        get date() {
            return opening.date + video.currentTime * 1000;
        },
        hold(isHeld) {
            if (isOver) return;
            if (isHeld) video.pause();
            else video.play().catch(() => {});
        },
        end() {
            if (isOver) return;
            isOver = true;
            settle();
            video.remove();
            video.removeAttribute("src");
            video.load();
            this.onchange?.();
        },
    };
    const self = window.shopcastOpening;
    const fail = () => self.end();

    video.className = "opening";
    video.muted = true;
    video.playsInline = true;
    video.disableRemotePlayback = true;
    video.tabIndex = -1;
    video.setAttribute("aria-hidden", "true");
    video.addEventListener("error", fail);
    video.addEventListener("loadeddata", () => {
        const shown = (now) => {
            self.firstFrame ??= Math.round(now);
            self.onchange?.();
            settle();
            document.body.dataset.scene = "live";
        };
        if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(shown);
        else shown(performance.now());
    });

    const preload = (address) => {
        const link = document.createElement("link");
        Object.assign(link, { rel: "preload", as: "fetch", crossOrigin: "anonymous", href: address });
        document.head.append(link);
    };
    const append = (buffer, bytes) =>
        new Promise((resolve, reject) => {
            buffer.addEventListener("updateend", resolve, { once: true });
            buffer.addEventListener("error", reject, { once: true });
            buffer.appendBuffer(bytes);
        });
    source.addEventListener("sourceopen", async () => {
        URL.revokeObjectURL(video.src);
        try {
            const buffer = source.addSourceBuffer(opening.type);
            // The picture's own time begins at zero, whatever the media's.
            buffer.mode = "sequence";
            const [head, part] = await first;
            await append(buffer, head);
            await append(buffer, part);
            video.play().catch(() => {});
            // The player asks for these in the same way as soon as it is there.
            for (const address of opening.playlists) preload(address);
            for (const address of opening.parts.slice(1)) {
                const bytes = await load(address);
                if (isOver) return;
                await append(buffer, bytes);
            }
        } catch {
            // What is there is shown until the player is; with nothing there, there is no opening.
            if (self.firstFrame === null) fail();
        }
    });
    video.src = URL.createObjectURL(source);

    const place = () => {
        const stage = document.getElementById("stage");
        if (isOver || !stage) return;
        document.body.dataset.shape = opening.width < opening.height ? "portrait" : "landscape";
        document.body.style.setProperty("--ratio", String(opening.width / opening.height));
        stage.insertBefore(video, stage.querySelector(".screen"));
        // A video that is moved in the document is paused by it.
        if (video.readyState > 1) video.play().catch(() => {});
    };
    if (document.readyState === "loading") document.addEventListener("readystatechange", place, { once: true });
    else place();
})();
