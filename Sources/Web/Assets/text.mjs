/** What the watch page says, in one place. */
export const text = {
    soon: {
        badge: "Starting soon",
        title: "Starting soon",
        line: "Keep this page open. The show begins here by itself.",
    },
    starting: {
        badge: "Live",
        title: "One moment",
        line: "The picture is on its way.",
    },
    live: { badge: "Live", title: "", line: "" },
    away: {
        badge: "Paused",
        title: "The host will be right back",
        line: "The show goes on here as soon as the host is connected again.",
    },
    reconnecting: {
        badge: "Reconnecting",
        title: "Your connection dropped",
        line: "Trying again. There is nothing that you need to do.",
    },
    blocked: {
        badge: "Live",
        title: "The show is live",
        line: "Your device asks for a tap before it plays.",
    },
    ended: {
        badge: "Ended",
        title: "The show has ended",
        line: "Thank you for watching.",
    },
    cancelled: {
        badge: "Cancelled",
        title: "This show was cancelled",
        line: "We are sorry. See what else is on.",
    },
    missing: {
        badge: "Gone",
        title: "This show is no longer here",
        line: "See what else is on.",
    },
    unplayable: {
        badge: "Live",
        title: "This browser cannot play the show",
        line: "Open this page in a current version of Safari, Chrome, Edge or Firefox.",
    },

    behind: (seconds) => `${seconds.toFixed(1)} s behind live`,
    watching: (count) => `${count.toLocaleString()} watching`,
    auto: (name) => (name ? `Auto (${name})` : "Auto"),
    original: (name) => `Original (${name})`,
    play: "Play",
    pause: "Pause",
    mute: "Mute",
    unmute: "Turn the sound on",
    fullScreen: "Full screen",
    leaveFullScreen: "Leave full screen",
    copied: "Link copied",
    soundOn: "Sound on",
    soundOff: "Sound off",
    quality: (name) => `Quality: ${name}`,
};
