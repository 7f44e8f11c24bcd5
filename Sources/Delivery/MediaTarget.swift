package import Media
package import Packaging

/// What a request's target names among the media routes (`/live/SHOW/…`).
package enum MediaTarget: Hashable, Sendable {
    case multivariant(ShowID)
    /// The DASH description.
    case manifest(ShowID)
    /// Nothing but the date, for players that set their clock by it.
    case clock(ShowID)
    /// The content steering document.
    case steering(ShowID)
    case playlist(ShowID, RenditionName, BlockingRequest)
    /// An init section, part, segment or key; `file` holds letters, digits, `.`, `_` and `-` only.
    case file(ShowID, RenditionName, file: String)

    package enum Reading: Hashable, Sendable {
        /// Another part of the server answers.
        case elsewhere
        case target(MediaTarget)
        /// A media address that can name nothing: 404.
        case nothing
        /// 400, with the reason.
        case malformed(String)
    }

    package var show: ShowID {
        switch self {
        case .multivariant(let show), .manifest(let show), .clock(let show), .steering(let show),
            .playlist(let show, _, _), .file(let show, _, _):
            show
        }
    }

    /// Reads a target in origin form, query included, from any bytes at all.
    ///
    /// No name of ours needs percent-encoding, so an encoded path names nothing.
    package static func read(_ target: Span<UInt8>) -> Reading {
        let prefix: StaticString = "/live/"
        guard target.starts(with: prefix) else { return .elsewhere }
        let path = target.prefix(before: UInt8(ascii: "?"))
        let query = path + 1 < target.count ? path + 1..<target.count : target.count..<target.count
        var at = prefix.utf8CodeUnitCount
        let showRange = component(of: target, from: at, to: path)
        guard let show = ShowID(target.text(showRange)), showRange.upperBound < path else { return .nothing }
        at = showRange.upperBound + 1
        let second = component(of: target, from: at, to: path)
        guard isName(target, second) else { return .nothing }
        if second.upperBound == path {
            if target.matches(second, "index.m3u8") { return .target(.multivariant(show)) }
            if target.matches(second, "manifest.mpd") { return .target(.manifest(show)) }
            if target.matches(second, "steering.json") { return .target(.steering(show)) }
            return target.matches(second, "clock") ? .target(.clock(show)) : .nothing
        }
        let file = component(of: target, from: second.upperBound + 1, to: path)
        guard isName(target, file), file.upperBound == path else { return .nothing }
        let rendition = RenditionName(target.text(second))
        let isIFrames = target.matches(file, "iframes.m3u8")
        if isIFrames || target.matches(file, "index.m3u8") {
            switch directives(target, query, of: isIFrames ? .iFrames : .segments) {
            case .success(let request): return .target(.playlist(show, rendition, request))
            case .failure(let refusal): return .malformed(refusal.reason)
            }
        }
        guard file.count > 4 else { return .nothing }
        let ending = file.upperBound - 4..<file.upperBound
        guard
            target.matches(ending, ".mp4") || target.matches(ending, ".key")
                || target.matches(ending, ".vtt")
        else { return .nothing }
        return .target(.file(show, rendition, file: target.text(file)))
    }

    private struct Refusal: Error { var reason: String }

    private static func component(of target: Span<UInt8>, from start: Int, to end: Int) -> Range<Int> {
        var at = start
        while at < end, target[at] != UInt8(ascii: "/") { at += 1 }
        return start..<at
    }

    private static func isName(_ target: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard (1...128).contains(range.count), target[range.lowerBound] != UInt8(ascii: ".") else {
            return false
        }
        for at in range {
            switch target[at] {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "-"):
                continue
            default: return false
            }
        }
        return true
    }

    /// Numbers that are none are refused. `_HLS_skip` with a value of a later version asks for something that this
    /// server never offered: the full playlist is always a right answer. Other names are none of ours.
    private static func directives(
        _ target: Span<UInt8>, _ query: Range<Int>, of list: BlockingRequest.List
    ) -> Result<BlockingRequest, Refusal> {
        var request = BlockingRequest(list: list)
        var hasSkip = false
        var at = query.lowerBound
        while at < query.upperBound {
            var end = at
            while end < query.upperBound, target[end] != UInt8(ascii: "&") { end += 1 }
            var equals = at
            while equals < end, target[equals] != UInt8(ascii: "=") { equals += 1 }
            let name = at..<equals
            let value = min(equals + 1, end)..<end
            if target.matches(name, "_HLS_msn") {
                guard request.mediaSequence == nil else { return .failure(Refusal(reason: "_HLS_msn twice")) }
                guard let number = target.decimal(value) else {
                    return .failure(Refusal(reason: "_HLS_msn is not a number"))
                }
                request.mediaSequence = number
            } else if target.matches(name, "_HLS_part") {
                guard request.part == nil else { return .failure(Refusal(reason: "_HLS_part twice")) }
                guard let number = target.decimal(value), number <= UInt64(Int32.max) else {
                    return .failure(Refusal(reason: "_HLS_part is not a number"))
                }
                request.part = Int(number)
            } else if target.matches(name, "_HLS_skip") {
                guard !hasSkip else { return .failure(Refusal(reason: "_HLS_skip twice")) }
                hasSkip = true
                request.skips = target.matches(value, "YES") || target.matches(value, "v2")
            }
            at = end + 1
        }
        return .success(request)
    }
}
