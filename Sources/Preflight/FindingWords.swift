// What hosts read. A sentence on what viewers get, a sentence on what to do; menus are those of OBS Studio, which most
// hosts have, with the setting's own name for everybody else.

extension Finding.Words {
    static func pictureMissing(seconds: Int) -> Self {
        .init(
            "No picture has arrived for \(seconds) s.",
            fix: "Check that your encoder is still streaming and that your internet connection works.",
            values: ["seconds": "\(seconds)"])
    }

    static let pictureDark = Self(
        "The picture is black.",
        fix: "Check the camera: is the lens covered, is it switched on, is the right scene chosen in OBS?")

    static func pictureFrozen(seconds: Int) -> Self {
        .init(
            "The picture has not moved for \(seconds) s.",
            fix: "If you did not mean it to, check the camera's cable, and restart the camera source in OBS.",
            values: ["seconds": "\(seconds)"])
    }

    static let picturePortrait = Self(
        "Your picture is upright.",
        fix: "It fills phones; on computers it stands between bars. Turn the camera if you meant it to lie.")

    static func pictureShape(_ width: Int, _ height: Int) -> Self {
        .init(
            "Your picture of \(width)×\(height) has an unusual shape.",
            fix:
                "Viewers see bars around it. Set 1920×1080 or 1280×720 in OBS → Settings → Video → Output Resolution.",
            values: ["width": "\(width)", "height": "\(height)"])
    }

    static let pictureInterlaced = Self(
        "Your picture is interlaced: movements look like a comb.",
        fix:
            "Set the camera to a progressive mode (1080p, not 1080i), or switch on deinterlacing for it in OBS."
    )

    static func resolutionLow(_ width: Int, _ height: Int) -> Self {
        .init(
            "Your picture is small: \(width)×\(height).",
            fix: "Set 1280×720 or more in OBS → Settings → Video → Output (Scaled) Resolution.",
            values: ["width": "\(width)", "height": "\(height)"])
    }

    static func resolutionHigh(_ width: Int, _ height: Int) -> Self {
        .init(
            "Your picture of \(width)×\(height) is larger than viewers get.",
            fix:
                "Set 1920×1080 in OBS → Settings → Video → Output (Scaled) Resolution, and spare your upload.",
            values: ["width": "\(width)", "height": "\(height)"])
    }

    static func resolutionOdd(_ width: Int, _ height: Int) -> Self {
        .init(
            "Your picture of \(width)×\(height) has an odd number of pixels; a line at its edge is lost.",
            fix:
                "Set even numbers, such as 1280×720, in OBS → Settings → Video → Output (Scaled) Resolution.",
            values: ["width": "\(width)", "height": "\(height)"])
    }

    static func keyframeInterval(_ interval: String) -> Self {
        .init(
            "Your keyframe interval is \(interval).",
            fix:
                "Set it to 2 s in OBS → Settings → Output → Streaming → Keyframe Interval (Output Mode: Advanced)."
                + " Viewers then start faster, and your own picture can be passed on untouched.",
            values: ["interval": "\(interval)"])
    }

    static func frameRateLow(_ rate: String) -> Self {
        .init(
            "Only \(rate) pictures a second arrive: movements stutter.",
            fix:
                "Set 30 in OBS → Settings → Video → FPS, and give the camera more light: in the dark it slows down.",
            values: ["rate": "\(rate)"])
    }

    static func frameRateHigh(_ rate: String, limit: Int) -> Self {
        .init(
            "You send \(rate) pictures a second; viewers get \(limit) of them.",
            fix: "Set \(limit) in OBS → Settings → Video → FPS: it spares your computer and your upload.",
            values: ["rate": "\(rate)", "limit": "\(limit)"])
    }

    static let framesIrregular = Self(
        "Pictures come at uneven times: movements look jerky.",
        fix: "Choose a constant frame rate: in OBS → Settings → Video → FPS; in a phone's app, switch off"
            + " “variable” or “auto” frame rate.")

    static func framesDropped(percent: Double) -> Self {
        .init(
            "\(number(percent)) % of the pictures are missing.",
            fix:
                "OBS shows why at its lower edge: “network” means a lower bitrate or a cable helps, “encoding” means a"
                + " faster preset or a smaller picture does.",
            values: ["percent": "\(number(percent))"])
    }

    static let bFrames = Self(
        "B-frames add delay, and this show asks for the least.",
        fix: "Set Max B-frames to 0 (or Tune to zerolatency) in OBS → Settings → Output → Streaming.")

    static func bitrateLow(_ kilobits: Int, _ width: Int, _ height: Int, better: Int) -> Self {
        .init(
            "Your video bitrate of \(kilobits) kbit/s is low for \(width)×\(height): the picture is soft.",
            fix:
                "Set about \(better) kbit/s in OBS → Settings → Output → Video Bitrate, if your upload carries it.",
            values: [
                "kilobits": "\(kilobits)", "width": "\(width)", "height": "\(height)", "better": "\(better)",
            ])
    }

    static func bitrateHigh(_ kilobits: Int, limit: Int) -> Self {
        .init(
            "Your video bitrate of \(kilobits) kbit/s is more than viewers' networks carry.",
            fix:
                "Set at most \(limit) kbit/s in OBS → Settings → Output → Video Bitrate; above it your own picture is"
                + " not passed on.",
            values: ["kilobits": "\(kilobits)", "limit": "\(limit)"])
    }

    static func bitrateBelowTarget(_ kilobits: Int, target: Int) -> Self {
        .init(
            "Your encoder is set to \(target) kbit/s, and \(kilobits) arrive.",
            fix:
                "If the picture stutters, set a lower bitrate in OBS → Settings → Output, or use a cable instead of"
                + " Wi-Fi. A still picture needs less by itself.",
            values: ["kilobits": "\(kilobits)", "target": "\(target)"])
    }

    static let bitrateUnstable = Self(
        "Your bitrate goes up and down.",
        fix:
            "Set Rate Control to CBR in OBS → Settings → Output → Streaming. If it is, your connection wavers: use a"
            + " cable instead of Wi-Fi, or a lower bitrate.")

    static func uploadLate(seconds: Double) -> Self {
        .init(
            "Your stream arrives \(number(seconds)) s late: your upload does not keep up.",
            fix:
                "Lower the video bitrate in OBS → Settings → Output, use a cable instead of Wi-Fi, or stop what else"
                + " uploads.",
            values: ["seconds": "\(number(seconds))"])
    }

    static func clockDrift(partsPerMillion: Double) -> Self {
        let perHour = number(abs(partsPerMillion) * 3600 / 1_000_000)
        let direction = partsPerMillion > 0 ? "fast" : "slow"
        return .init(
            "Your encoder's clock runs \(direction), by \(perHour) s an hour.",
            fix:
                "Choose one audio sample rate everywhere (48 kHz in OBS → Settings → Audio and in the system), and"
                + " restart the encoder.",
            values: ["direction": "\(direction)", "perHour": "\(perHour)"])
    }

    static let audioMissing = Self(
        "There is no sound in your stream.",
        fix:
            "Add your microphone in OBS → Settings → Audio → Mic/Auxiliary Audio, and check that track 1 is streamed."
    )

    static let audioSilent = Self(
        "Your stream is silent.",
        fix:
            "Check that the microphone is on and not muted in OBS's Audio Mixer: its bar has to move when you speak."
    )

    static let audioClipping = Self(
        "Your sound is too loud and distorts.",
        fix:
            "Turn the microphone down in OBS's Audio Mixer until its bar stays out of the red, or turn the mixer's gain"
            + " down.")

    static let audioMono = Self(
        "Your sound is mono.",
        fix: "That is fine for a voice. For music, set Channels to Stereo in OBS → Settings → Audio.")

    static func audioOneSided(deaf: String) -> Self {
        .init(
            "Nothing is heard on the \(deaf) side.",
            fix:
                "Tick Mono for the microphone in OBS → Advanced Audio Properties, or plug it into the other input.",
            values: ["deaf": "\(deaf)"])
    }

    static func loudnessLow(_ loudness: Double) -> Self {
        .init(
            "Your sound is quiet: \(number(loudness)) LUFS.",
            fix:
                "Turn the microphone up in OBS's Audio Mixer, or come closer to it; about -16 LUFS is right.",
            values: ["loudness": "\(number(loudness))"])
    }

    static func loudnessHigh(_ loudness: Double) -> Self {
        .init(
            "Your sound is very loud: \(number(loudness)) LUFS.",
            fix: "Turn the microphone down in OBS's Audio Mixer; about -16 LUFS is right.",
            values: ["loudness": "\(number(loudness))"])
    }

    /// One digit after the point at most.
    static func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0
            ? "\(tenths / 10)" : "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
    }
}
