/// Where in a stream of sound somebody speaks, by its loudness alone: good where the microphone is near and little else is
/// heard. Pure.
///
/// Speech begins when it becomes clearly louder than the quietest of the last seconds; it ends in a pause, or, where there is
/// none, in a quiet moment before it has become too long.
package struct VoiceGate: Sendable {
    package struct Rules: Sendable, Hashable {
        /// A pause of so many seconds ends a piece, once that is `shortest` seconds long; a pause of `certain` ends any.
        package var pause = 0.5
        package var shortest = 0.0
        package var certain = 1.0
        /// No piece is longer.
        package var longest = 10.0

        package init(
            pause: Double = 0.5, shortest: Double = 0, certain: Double = 1.0, longest: Double = 10
        ) {
            self.pause = pause
            self.shortest = shortest
            self.certain = certain
            self.longest = longest
        }
    }

    package enum Event: Hashable, Sendable {
        /// With the sample that it begins at.
        case begin(Int)
        case sound([Int16])
        case end
    }

    package static let hop = 320
    private static let rate = 16_000.0
    /// What is quieter is nobody's voice: -50 dB.
    private static let faintest = 100.0
    private static let contrast = 2.8
    /// Hops before the first loud one that belong to speech, too.
    private static let lead = 10

    private let rules: Rules
    private var rest: [Int16] = []
    /// Hops that were looked at.
    private var hops = 0
    private var recent: [[Int16]] = []
    private var loud: [Bool] = []
    private var floor = FloorMeter()
    private var isOpen = false
    /// Hops of this piece, and those of its pause.
    private var length = 0
    private var quiet = 0
    private var level = 0.0

    package init(rules: Rules = Rules()) { self.rules = rules }

    package var isSpeaking: Bool { isOpen }

    package mutating func feed(_ samples: [Int16]) -> [Event] {
        rest += samples
        var events: [Event] = []
        var place = 0
        while rest.count - place >= VoiceGate.hop {
            take(Array(rest[place..<place + VoiceGate.hop]), &events)
            place += VoiceGate.hop
        }
        rest.removeFirst(place)
        return events
    }

    /// Nothing more comes.
    package mutating func finish() -> [Event] {
        defer {
            (isOpen, rest, recent, loud) = (false, [], [], [])
        }
        return isOpen ? [.sound(rest), .end] : []
    }

    private mutating func take(_ hop: [Int16], _ events: inout [Event]) {
        let power = hop.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(hop.count)
        let now = power.squareRoot()
        floor.note(now)
        let isLoud = now > max(VoiceGate.faintest, floor.level * VoiceGate.contrast)
        hops += 1
        guard isOpen else {
            recent.append(hop)
            loud.append(isLoud)
            if recent.count > VoiceGate.lead { recent.removeFirst() }
            if loud.count > 4 { loud.removeFirst() }
            guard loud.filter({ $0 }).count >= 3 else { return }
            isOpen = true
            (length, quiet, level) = (recent.count, 0, now)
            events.append(.begin((hops - recent.count) * VoiceGate.hop))
            events.append(.sound(Array(recent.joined())))
            (recent, loud) = ([], [])
            return
        }
        events.append(.sound(hop))
        length += 1
        quiet = isLoud ? 0 : quiet + 1
        if isLoud { level += (now - level) * 0.02 }
        let seconds = { (hops: Int) in Double(hops * VoiceGate.hop) / VoiceGate.rate }
        if seconds(quiet) >= (seconds(length) >= rules.shortest ? rules.pause : rules.certain) {
            events.append(.end)
            isOpen = false
            return
        }
        let isLull = seconds(length) > rules.longest * 0.75 && now < level * 0.35
        if isLull || seconds(length) >= rules.longest {
            events.append(.end)
            events.append(.begin(hops * VoiceGate.hop))
            (length, quiet) = (0, 0)
        }
    }
}

/// The quietest of the last two to four seconds.
private struct FloorMeter: Sendable {
    private static let span = 100
    private var count = 0
    private var before = Double.infinity
    private var now = Double.infinity

    var level: Double {
        let least = min(before, now)
        return least.isFinite ? least : 0
    }

    mutating func note(_ level: Double) {
        if count == FloorMeter.span { (before, now, count) = (now, .infinity, 0) }
        now = min(now, level)
        count += 1
    }
}

/// A piece of speech, whole.
struct VoicePiece: Hashable, Sendable {
    /// The sample of its session that it begins at.
    var start: Int
    var samples: [Int16]

    var seconds: Double { Double(samples.count) / 16_000 }
}

/// Collects what a gate lets through.
struct PieceCollector: Sendable {
    private var gate: VoiceGate
    private var open: VoicePiece?

    init(rules: VoiceGate.Rules) { gate = VoiceGate(rules: rules) }

    mutating func feed(_ samples: [Int16]) -> [VoicePiece] { take(gate.feed(samples)) }
    mutating func finish() -> [VoicePiece] { take(gate.finish()) }

    private mutating func take(_ events: [VoiceGate.Event]) -> [VoicePiece] {
        var pieces: [VoicePiece] = []
        for event in events {
            switch event {
            case .begin(let start): open = VoicePiece(start: start, samples: [])
            case .sound(let samples): open?.samples += samples
            case .end:
                if let open, open.seconds > 0.2 { pieces.append(open) }
                open = nil
            }
        }
        return pieces
    }
}
