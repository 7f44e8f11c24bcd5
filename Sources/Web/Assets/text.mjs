import { clock, say, spoken, unit } from "./messages.mjs";

export { clock };

const scene = (name, badge = `scene.${name}.badge`) => ({
    badge: say(badge),
    title: say(`scene.${name}.title`),
    line: say(`scene.${name}.line`),
});

/** What the watch page says, in one place. */
export const text = {
    soon: scene("soon", "badge.soon"),
    starting: scene("starting", "badge.live"),
    live: { badge: say("badge.live"), title: "", line: "" },
    away: scene("away", "badge.paused"),
    reconnecting: scene("reconnecting"),
    blocked: scene("blocked", "badge.live"),
    ended: scene("ended", "badge.ended"),
    cancelled: scene("cancelled"),
    missing: scene("missing"),
    unplayable: scene("unplayable", "badge.live"),

    moved: (time) => say("watch.moved", { time }),
    replay: { badge: say("badge.replay") },
    scheduled: { badge: say("badge.scheduled") },

    behind: (seconds) => say("player.behind", { time: seconds < 60 ? unit(seconds, "second", 1) : clock(seconds) }),
    /** A place in a live show, as it is spoken. */
    spokenBehind: (seconds) => (seconds < 1 ? say("player.atLive") : say("player.behind", { time: spoken(seconds) })),
    spokenPlace: (seconds, length) => say("player.place", { place: spoken(seconds), length: spoken(length) }),
    ago: (seconds) => (seconds < 1 ? say("player.atLive") : `\u2212${clock(seconds)}`),
    place: (seconds, length) => `${clock(seconds)} / ${clock(length)}`,
    watching: (count) => say("player.watching", { count }),
    auto: (name) => (name ? say("player.autoNow", { name }) : say("player.auto")),
    original: (name) => say("player.original", { name }),
    play: say("player.play"),
    pause: say("player.pause"),
    mute: say("player.mute"),
    unmute: say("player.unmute"),
    fullScreen: say("player.fullScreen"),
    leaveFullScreen: say("player.leaveFullScreen"),
    copied: say("player.copied"),
    soundOn: say("player.soundOn"),
    soundOff: say("player.soundOff"),
    quality: (name) => say("player.quality", { name }),
};
