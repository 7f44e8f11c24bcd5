package import HTTPTypes
package import People

/// One method at one address of the API: who may, what content goes with it, and what answers.
package struct APIRoute: Sendable {
    /// Who is let in before the content is read.
    package enum Access: Sendable, Hashable {
        /// Everybody; what they get may depend on who they are.
        case everybody
        /// The same, and nobody looks who asks: neither session nor key is read.
        case unseen
        /// Whoever says who they are, and may do this somewhere.
        case signedIn
        /// Whoever may do this, whatever the show.
        case may(Action)
        /// Whoever may do this with the show that the address names. Who may not even see it finds nothing.
        case inShow(Action)
    }

    /// What a request may carry.
    package enum Content: Sendable, Hashable {
        /// Nothing, or an empty object.
        case none
        /// A JSON object of at most 64 KiB.
        case object
        /// The same as a merge patch (RFC 7396).
        case patch
        /// A PNG, JPEG or WebP.
        case picture
        /// Whatever it says it is.
        case raw(atMost: Int)
        /// WebVTT or SubRip.
        case captions
    }

    /// Where it is worked on.
    package enum Work: Sendable {
        /// On the blocking pool: it waits for the disk.
        case store(@Sendable (APICall) throws -> APIAnswer)
        /// On the workbench: it keeps a core busy.
        case workbench(@Sendable (APICall) throws -> APIAnswer)
        /// It waits for others, and sees itself to where it waits.
        case apart(@Sendable (APICall) async throws -> APIAnswer)
    }

    package let method: HTTPRequest.Method
    /// Below `/api/v1`, as OpenAPI writes it.
    package let path: String
    package let access: Access
    package let content: Content
    package let work: Work
    /// Who shows nothing of themselves gets what others got within the last second.
    package var isShared = false
    /// It proves by its content who asks, whatever session the browser has: ways in.
    package var isWayIn = false

    package init(
        _ method: HTTPRequest.Method, _ path: String, _ access: Access, content: Content = .none, work: Work
    ) {
        self.method = method
        self.path = path
        self.access = access
        self.content = content
        self.work = work
    }

    package init(
        _ method: HTTPRequest.Method, _ path: String, _ access: Access, content: Content = .none,
        answer: @escaping @Sendable (APICall) throws -> APIAnswer
    ) {
        self.init(method, path, access, content: content, work: .store(answer))
    }

    package var wayIn: APIRoute {
        var route = self
        route.isWayIn = true
        return route
    }

    package var shared: APIRoute {
        var route = self
        route.isShared = true
        return route
    }
}
