package import Media
package import Packaging

/// What a recording plays, in order: each number of each reel of which there is a picture. Outages are left out, and
/// where something is left out or another run begins there is a break, at the same place in every rendition.
package struct ReplayScript: Sendable {
    /// One number of a reel.
    package struct Place: Sendable, Hashable {
        package var reel: Int
        package var sequence: UInt64
        /// Unix milliseconds of its first picture.
        package var date: Int64
        /// Where it starts on its airing's clock.
        package var start: MediaTime
        package var duration: MediaTime
        /// Something was left out before it, or the coding changes: DISCONTINUITY.
        package var isBreak: Bool
    }

    /// What a rendition plays at one place.
    package struct Shot: Sendable, Hashable {
        /// Whose segment it is: another rendition's where this one was not made in that run.
        package var rendition: RenditionName
        /// Nil where it could not be kept.
        package var segment: ReelSegment?
    }

    package let reels: [Reel]
    package private(set) var places: [Place] = []
    /// Renditions that are offered, best first, sound last; each has a shot for every place.
    package private(set) var renditions: [RunPlan.Rendition] = []
    package private(set) var shots: [RenditionName: [Shot]] = [:]

    /// The script of a show's reels, oldest first.
    package init(_ reels: [Reel]) {
        self.reels = reels
        let found = reels.map { reel in
            reel.segments.mapValues { list in
                Dictionary(list.lazy.filter { !$0.isGap }.map { ($0.sequence, $0) }) { first, _ in first }
            }
        }
        var plans: [RenditionName: RunPlan.Rendition] = [:]
        for plan in reels.flatMap(\.runs).flatMap(\.renditions) { plans[plan.name] = plan }
        let pictures = plans.values.filter(\.isPicture).sorted {
            ($1.peakBitsPerSecond, $0.name.text) < ($0.peakBitsPerSecond, $1.name.text)
        }
        for (index, reel) in reels.enumerated() {
            addPlaces(of: reel, index, pictures.map(\.name), found[index])
        }
        // A rendition that is there for less than half of the recording is not offered: others stand in for it.
        let total = places.count
        func share(_ name: RenditionName) -> Int {
            places.count { found[$0.reel][name]?[$0.sequence] != nil }
        }
        var offered = pictures.filter { share($0.name) * 2 >= total && total > 0 }
        if offered.isEmpty { offered = pictures.filter { share($0.name) > 0 } }
        offered += plans.values.filter { !$0.isPicture && share($0.name) > 0 }
        for plan in offered {
            shots[plan.name] = places.map { place in
                shot(plan, place, in: reels[place.reel], found[place.reel], pictures)
            }
        }
        renditions = offered
    }

    /// The places, for those who write what is read beside the pictures.
    package var recordedPlaces: [RecordedPlace] {
        places.map { place in
            RecordedPlace(
                place: TextPlace(
                    sequence: place.sequence, start: place.start, duration: place.duration, date: place.date),
                isBreak: place.isBreak)
        }
    }

    package var duration: MediaTime { places.reduce(.zero) { $0 + $1.duration } }

    private mutating func addPlaces(
        of reel: Reel, _ index: Int, _ pictures: [RenditionName],
        _ found: [RenditionName: [UInt64: ReelSegment]]
    ) {
        var lead: [UInt64: ReelSegment] = [:]
        for name in pictures {
            for (sequence, segment) in found[name] ?? [:] {
                if let known = lead[sequence] {
                    if segment.isDiscontinuity, !known.isDiscontinuity {
                        lead[sequence]?.isDiscontinuity = true
                    }
                } else {
                    lead[sequence] = segment
                }
            }
        }
        var previous: UInt64?
        for segment in lead.values.sorted(by: { $0.sequence < $1.sequence }) {
            let isNext = previous.map { $0 + 1 == segment.sequence } ?? false
            places.append(
                Place(
                    reel: index, sequence: segment.sequence, date: segment.programDateTime,
                    start: segment.start,
                    duration: segment.duration,
                    isBreak: !places.isEmpty && (!isNext || segment.isDiscontinuity)))
            previous = segment.sequence
        }
    }

    private func shot(
        _ plan: RunPlan.Rendition, _ place: Place, in reel: Reel,
        _ found: [RenditionName: [UInt64: ReelSegment]], _ pictures: [RunPlan.Rendition]
    ) -> Shot {
        if let own = found[plan.name]?[place.sequence] { return Shot(rendition: plan.name, segment: own) }
        let run = reel.run(of: place.sequence)
        let wasMade = run?.renditions.contains { $0.name == plan.name } ?? true
        guard plan.isPicture, !wasMade else { return Shot(rendition: plan.name, segment: nil) }
        // The rendition of that run that is nearest in rate.
        func distance(_ other: RunPlan.Rendition) -> Double {
            let (a, b) = (max(1, other.peakBitsPerSecond), max(1, plan.peakBitsPerSecond))
            return Double(max(a, b)) / Double(min(a, b))
        }
        let near = pictures.filter { found[$0.name]?[place.sequence] != nil }.min {
            distance($0) < distance($1)
        }
        guard let near, let segment = found[near.name]?[place.sequence] else {
            return Shot(rendition: plan.name, segment: nil)
        }
        return Shot(rendition: near.name, segment: segment)
    }
}

extension RunPlan.Rendition {
    package var isPicture: Bool { if case .video = kind { true } else { false } }
}
