package import Media
package import Packaging

/// Which rendition becomes one MP4 file, and of which segments: one whose coding never changed, since a file has one
/// coding of a track.
package struct MoviePlan: Sendable {
    package enum Refusal: Error, Hashable, Sendable {
        /// There is no such rendition, or nothing of it.
        case unknown
        /// The sentence is for people.
        case changed(String)
    }

    /// One place of the recording: a segment of each track.
    package struct Stretch: Sendable, Hashable {
        package var reel: Int
        package var start: MediaTime
        package var isBreak: Bool
        package var picture: ReelSegment
        package var sound: ReelSegment
    }

    package let rendition: RenditionName
    package let sound: RenditionName
    package let stretches: [Stretch]

    /// Bytes, but for the index.
    package var bytes: Int { stretches.reduce(0) { $0 + $1.picture.bytes + $1.sound.bytes } }
    package var duration: MediaTime { stretches.reduce(.zero) { $0 + $1.picture.duration } }

    /// - Parameter coding: what tells two codings of a rendition's init section apart.
    package init(
        _ script: ReplayScript, rendition wanted: RenditionName?,
        coding: (Int, RenditionName, String) -> [UInt8]?
    ) throws(Refusal) {
        guard let sound = script.renditions.first(where: { !$0.isPicture })?.name else { throw .unknown }
        let pictures = script.renditions.filter(\.isPicture)
        if let wanted, !pictures.contains(where: { $0.name == wanted }) { throw .unknown }
        guard MoviePlan.isSteady(script, sound, coding) else {
            throw .changed("The sound's coding changed during the show, so that it does not fit one file.")
        }
        let steady = pictures.filter { MoviePlan.isSteady(script, $0.name, coding) }
        guard let chosen = wanted.map({ name in steady.first { $0.name == name } }) ?? steady.first else {
            let others = steady.map(\.name.text).joined(separator: ", ")
            let hint = others.isEmpty ? "so did every other" : "take one of: \(others)"
            throw .changed(
                "The coding of \(wanted.map { "'\($0)'" } ?? "every rendition") changed during the show, so that it does not fit one file; \(hint)."
            )
        }
        rendition = chosen.name
        self.sound = sound
        var isBroken = false
        var stretches: [Stretch] = []
        for (index, place) in script.places.enumerated() {
            isBroken = isBroken || place.isBreak
            guard let picture = script.shots[chosen.name]?[index].segment,
                let heard = script.shots[sound]?[index].segment
            else {
                isBroken = true
                continue
            }
            stretches.append(
                Stretch(
                    reel: place.reel, start: picture.start, isBreak: isBroken && !stretches.isEmpty,
                    picture: picture, sound: heard))
            isBroken = false
        }
        guard !stretches.isEmpty else { throw .unknown }
        self.stretches = stretches
    }

    /// Its own segments throughout, of one coding.
    private static func isSteady(
        _ script: ReplayScript, _ name: RenditionName, _ coding: (Int, RenditionName, String) -> [UInt8]?
    ) -> Bool {
        var known: [String: Bool] = [:]
        var first: [UInt8]?
        for (place, shot) in zip(script.places, script.shots[name] ?? []) {
            guard let segment = shot.segment else { continue }
            guard shot.rendition == name, let map = segment.map else { return false }
            if let isSame = known[map] {
                if isSame { continue } else { return false }
            }
            guard let bytes = coding(place.reel, name, map) else { return false }
            if first == nil { first = bytes }
            known[map] = bytes == first
            if bytes != first { return false }
        }
        return first != nil
    }
}
