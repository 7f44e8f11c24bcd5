import Media
import NIOCore
package import Packaging

/// Decides what a request is answered with, from a window's snapshot alone.
package struct Planner: Sendable {
    package enum Verdict: Sendable {
        case respond(ResponsePlan)
        /// Ask the next snapshot.
        case hold

        /// There is nothing at the address.
        var isMissing: Bool {
            if case .respond(let plan) = self { plan.status == .notFound } else { false }
        }
    }

    package let cache: CachePolicy

    package init(cache: CachePolicy) {
        self.cache = cache
    }

    /// What needs no window: preflights, refused methods and addresses that name nothing.
    package func early(_ request: MediaRequest) -> ResponsePlan? {
        switch request.method {
        case .get, .head: break
        case .options:
            var plan = ResponsePlan(status: .noContent, cacheControl: cache.refusal)
            plan.isPreflight = true
            return plan
        case .other:
            return .problem(.methodNotAllowed, "Media is read with GET, HEAD and OPTIONS.", cache)
        }
        switch request.target {
        case .malformed(let reason): return trimmed(.problem(.badRequest, reason, cache), request)
        case .nothing, .elsewhere: return notFound(request)
        case .target: return nil
        }
    }

    /// The answer of one moment; nil stands for a show that does not exist.
    package func verdict(_ request: MediaRequest, _ snapshot: (any ServedSnapshot)?) -> Verdict {
        guard let snapshot, case .target(let target) = request.target else {
            return .respond(notFound(request))
        }
        if let refusal = beyond(request, target, snapshot) { return .respond(refusal) }
        switch target {
        case .multivariant:
            guard let text = request.cap.map(snapshot.multivariant(upTo:)) ?? snapshot.multivariant else {
                return .respond(trimmed(.problem(.notFound, "Nothing is on yet.", cache), request))
            }
            let policy = snapshot.hasEnded ? cache.endedPlaylist : cache.playlist
            return .respond(playlist(text, policy, request))
        case .manifest:
            guard let text = request.cap.map(snapshot.manifest(upTo:)) ?? snapshot.manifest else {
                return .respond(trimmed(.problem(.notFound, "Nothing is on yet.", cache), request))
            }
            let policy = snapshot.hasEnded ? cache.endedPlaylist : cache.playlist
            return .respond(playlist(text, policy, request, type: ResponsePlan.manifestType))
        case .clock:
            // The date is in the head.
            return .respond(ResponsePlan(status: .noContent, cacheControl: cache.never))
        case .steering:
            guard let text = snapshot.steering else { return .respond(notFound(request)) }
            return .respond(playlist(text, cache.playlist, request, type: ResponsePlan.steeringType))
        case .playlist(_, let rendition, let directives):
            if directives.part != nil, directives.mediaSequence == nil, !snapshot.hasEnded {
                let reason = "_HLS_part needs _HLS_msn."
                return .respond(trimmed(.problem(.badRequest, reason, cache), request))
            }
            return verdict(snapshot.playlist(rendition, directives), directives, request, snapshot.hasEnded)
        case .file(_, let rendition, let file):
            return verdict(snapshot.media(rendition, file: file[...]), file, request)
        }
    }

    /// The answer to a request for a playlist, given what the window said.
    package func verdict(
        _ answer: PlaylistAnswer, _ directives: BlockingRequest, _ request: MediaRequest, _ hasEnded: Bool
    ) -> Verdict {
        switch answer {
        case .wait: return .hold
        case .unknown: return .respond(notFound(request))
        case .badRequest(let reason):
            return .respond(trimmed(.problem(.badRequest, reason, cache), request))
        case .ready(let text):
            let policy =
                hasEnded
                ? cache.endedPlaylist
                : directives.mediaSequence == nil ? cache.playlist : cache.blockingPlaylist
            return .respond(playlist(text, policy, request))
        }
    }

    /// The answer to a request for media, given what the window said.
    package func verdict(_ answer: MediaAnswer, _ file: String, _ request: MediaRequest) -> Verdict {
        switch answer {
        case .wait: .hold
        case .unknown: .respond(notFound(request))
        case .ready(let object): .respond(media(object, file, request))
        }
    }

    /// What a request held too long is told.
    package func timedOut(_ request: MediaRequest) -> ResponsePlan {
        trimmed(.problem(.unavailable, "The show has not gone on in time.", cache), request)
    }

    /// What a request is told that cannot be held as well.
    package func crowded(_ request: MediaRequest) -> ResponsePlan {
        trimmed(.problem(.unavailable, "Too many requests are waiting.", cache), request)
    }

    /// What a request held at shutdown is told.
    package func closing(_ request: MediaRequest) -> ResponsePlan {
        trimmed(.problem(.unavailable, "The server is stopping.", cache), request)
    }

    /// What a viewer is told who may not watch, or not this.
    package func refused(_ request: MediaRequest, _ reason: String) -> ResponsePlan {
        trimmed(.problem(.forbidden, reason, cache), request)
    }

    /// The refusal of a rendition that is larger than the viewer may see.
    private func beyond(
        _ request: MediaRequest, _ target: MediaTarget, _ snapshot: any ServedSnapshot
    ) -> ResponsePlan? {
        guard let cap = request.cap else { return nil }
        switch target {
        case .playlist(_, let rendition, _), .file(_, let rendition, _):
            guard let side = snapshot.shortSide(of: rendition), side > cap else { return nil }
            return refused(request, "The playback token is for smaller pictures.")
        case .multivariant, .manifest, .clock, .steering: return nil
        }
    }

    private func notFound(_ request: MediaRequest) -> ResponsePlan {
        trimmed(.problem(.notFound, "There is nothing at this address.", cache), request)
    }

    private func trimmed(_ plan: ResponsePlan, _ request: MediaRequest) -> ResponsePlan {
        request.method == .head ? plan.forHead : plan
    }

    private func playlist(
        _ text: PlaylistText, _ policy: String, _ request: MediaRequest,
        type: String = ResponsePlan.playlistType
    ) -> ResponsePlan {
        var plan = ResponsePlan(status: .ok, cacheControl: policy)
        plan.varies = true
        plan.precedence = .playlist
        plan.isGzip = request.acceptsGzip && text.gzip.readableBytes > 0
        // The strong tag belongs to the plain bytes; of the compressed ones it is only equivalent.
        plan.entityTag = plan.isGzip ? "W/" + text.etag : text.etag
        if let field = request.ifNoneMatch, EntityTag.matches(field, text.etag) {
            plan.status = .notModified
            plan.isGzip = false
            return plan
        }
        let bytes = plan.isGzip ? text.gzip : text.plain
        plan.contentType = type
        plan.contentLength = bytes.readableBytes
        plan.body = request.method == .head ? .none : .bytes(bytes)
        return plan
    }

    private func media(_ object: MediaObject, _ file: String, _ request: MediaRequest) -> ResponsePlan {
        // Keys are told to those who may watch, and kept by nobody.
        let policy = object.kind == .key ? cache.never : cache.media
        var plan = ResponsePlan(status: .ok, cacheControl: policy)
        plan.takesRanges = true
        plan.varies = object.kind == .text
        if case .target(.file(_, let rendition, _)) = request.target {
            plan.precedence = .media(object.kind, of: rendition)
        }
        // The name is as good as a hash: it is never given to other bytes.
        let tag = "\"\(file)\""
        plan.entityTag = tag
        if let field = request.ifNoneMatch, EntityTag.matches(field, tag) {
            plan.status = .notModified
            return plan
        }
        // Text is compressed where its bytes are at hand; ranges are those of the plain bytes.
        if request.range == nil, request.acceptsGzip, let gzip = object.text?.gzip,
            (1..<object.length).contains(gzip.readableBytes)
        {
            plan.isGzip = true
            plan.entityTag = "W/" + tag
            plan.contentType = object.kind.contentType
            plan.contentLength = gzip.readableBytes
            plan.body = request.method == .head ? .none : .bytes(gzip)
            return plan
        }
        var range = 0..<object.length
        // Of a HEAD a range is no part (RFC 9110, 14.2).
        if request.method == .get, let asked = request.range, request.ifRange.map({ $0 == tag }) ?? true {
            guard let resolved = asked.resolved(length: object.length) else {
                var plan = ResponsePlan.problem(
                    .rangeNotSatisfiable, "There are \(object.length) bytes.", cache)
                plan.contentRange = "bytes */\(object.length)"
                return trimmed(plan, request)
            }
            range = resolved
            plan.status = .partialContent
            plan.contentRange = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(object.length)"
        }
        plan.contentType = object.kind.contentType
        plan.contentLength = range.count
        plan.body = request.method == .head || range.isEmpty ? .none : .media(object, range)
        return plan
    }
}
