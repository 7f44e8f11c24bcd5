/** A preview's address is asked for anew long before it runs out (ms). */
const renewal = 240_000;
/** So long (ms) may a player look for its playlist before the address is doubted: a server that restarts forgets it. */
const patience = 5000;

/** Between a question that failed and the next one (ms). */
const rest = 2000;

const none = { playlist: "", phase: "", at: 0, isAsked: false };

/** Plays what the show's window holds, for those who work on it: a rehearsal and the show have addresses of their own. */
export class Preview {
    #player;
    #ask;
    #now = { ...none };
    #gapSince = 0;
    /** Since when the player has nothing to play; 0 while it has. */
    #lackSince = 0;
    #restsUntil = 0;

    /** @param {() => Promise<{ playlist: string }>} ask */
    constructor(player, ask) {
        this.#player = player;
        this.#ask = ask;
        player.addEventListener("change", () => {
            this.#gapSince = player.status === "gap" ? this.#gapSince || performance.now() : 0;
            this.#lackSince = ["loading", "trouble"].includes(player.status) ? this.#lackSince || performance.now() : 0;
        });
    }

    /** An address that is on its way must not start the player. */
    stop() {
        this.#now = { ...none };
        this.#player.stop();
    }

    /** Called again and again. `phase` is "rehearsal", "live" or "", and `isOn` says that there is something to see. */
    async follow({ phase, isOn }) {
        const player = this.#player;
        const now = performance.now();
        if (!phase || phase !== (this.#now.phase || phase)) this.stop();
        if (!phase) return;
        const isLost = this.#lackSince > 0 && now - Math.max(this.#lackSince, this.#now.at) > patience;
        if (isOn && !this.#now.isAsked && now >= this.#restsUntil && (!this.#now.playlist || isLost || now - this.#now.at > renewal)) {
            const wanted = { ...this.#now, phase, isAsked: true };
            this.#now = wanted;
            try {
                const { playlist } = await this.#ask();
                if (this.#now !== wanted) return;
                if (playlist !== wanted.playlist) player.stop();
                this.#now = { playlist, phase, at: now, isAsked: false };
            } catch {
                this.#restsUntil = performance.now() + rest;
                if (this.#now === wanted) this.#now = { ...wanted, isAsked: false };
                return;
            }
        }
        if (!this.#now.playlist || !isOn) return;
        if (player.status === "idle" || player.status === "over") player.start(this.#now.playlist);
        else if (player.status === "gap" && now - this.#gapSince > 2000) player.restart();
        player.check({ isPaused: false });
    }
}
