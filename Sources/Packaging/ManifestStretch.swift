import DequeModule
import Media

/// Consecutive numbers at which the same renditions have media of the same kind: what becomes a period.
struct Stretch: Sendable {
    /// One number: where its first picture stands on the media clock and in time.
    struct Place: Sendable {
        var sequence: UInt64
        var start: MediaTime
        /// Unix milliseconds.
        var date: Int64
        var duration: MediaTime
    }

    /// Where a rendition's own segment starts and ends; a sound's lies on its frames.
    struct Timing: Sendable {
        var start: MediaTime
        var end: MediaTime
    }

    /// The init section of each rendition that has one here.
    let maps: [RenditionName: String]
    /// How files are named, with `$Number$`; nil where no number is in their names.
    let template: String?
    private(set) var places: [Place] = []
    private(set) var timings: [RenditionName: [Timing]] = [:]

    /// Whether a stretch is this one at a later time.
    func goesOn(in later: Stretch) -> Bool {
        guard maps == later.maps, template == later.template, let first = places.first,
            let last = places.last, let next = later.places.first
        else { return false }
        return (first.sequence...last.sequence + 1).contains(next.sequence)
    }

    /// The newest number that every rendition has, late ones aside; nil where there is none.
    static func horizon(of core: WindowCore) -> UInt64? {
        var newest: [UInt64] = []
        for name in core.order {
            if core.tracks[name]?.isProducing == true, let last = core.tracks[name]?.closed.last?.sequence {
                newest.append(last)
            }
        }
        // Between runs nothing is active, and everything is closed.
        if newest.isEmpty { newest = core.order.compactMap { core.tracks[$0]?.closed.last?.sequence } }
        guard let lead = newest.max() else { return nil }
        return core.phase == .ended
            ? lead : newest.filter { $0 + WindowManifest.lateness >= lead }.min() ?? lead
    }

    /// A window's stretches, oldest first; only init sections that are `coded` count.
    static func all(of core: WindowCore, coded: Set<String>) -> [Stretch] {
        guard let horizon = horizon(of: core) else { return [] }
        var byNumber: [UInt64: [(RenditionName, WindowTrack.Segment)]] = [:]
        for name in core.order {
            for segment in core.tracks[name]?.closed ?? [] {
                guard segment.sequence <= horizon, !segment.isGap, segment.gapDuration == nil,
                    let map = segment.map, coded.contains(map)
                else { continue }
                byNumber[segment.sequence, default: []].append((name, segment))
            }
        }
        var stretches: [Stretch] = []
        var previous: UInt64?
        for number in byNumber.keys.sorted() {
            guard let here = byNumber[number],
                let leader = here.first(where: { core.tracks[$0.0]?.isVideo == true })?.1
            else { continue }
            let maps = Dictionary(here.map { ($0.0, $0.1.map ?? "") }) { first, _ in first }
            let template = leader.nameTemplate
            let goesOn =
                previous.map { $0 + 1 == number } ?? false
                && stretches.last.map { $0.maps == maps && $0.template == template } ?? false
                && !here.contains(where: \.1.isDiscontinuity)
            if !goesOn { stretches.append(Stretch(maps: maps, template: template)) }
            stretches[stretches.count - 1].append(here, leader: leader)
            previous = number
        }
        return stretches
    }

    private init(maps: [RenditionName: String], template: String?) {
        self.maps = maps
        self.template = template
    }

    private mutating func append(
        _ here: [(RenditionName, WindowTrack.Segment)], leader first: WindowTrack.Segment
    ) {
        places.append(
            Place(
                sequence: first.sequence, start: first.start, date: first.programDateTime,
                duration: first.duration))
        for (name, segment) in here {
            timings[name, default: []].append(Timing(start: segment.start, end: segment.end))
        }
    }
}

extension WindowTrack.Segment {
    /// The name of its file with `$Number$` in place of its number.
    fileprivate var nameTemplate: String? {
        let head = "s\(sequence)-"
        guard file.hasPrefix(head) else { return nil }
        return "s$Number$-" + file.dropFirst(head.count)
    }
}
