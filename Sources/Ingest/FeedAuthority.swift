package import Media

/// A host asks to publish.
package struct FeedRequest: Sendable {
    /// The first path element: `live` in `rtmp://HOST/live/KEY`.
    package var application: String
    /// The secret as it came. Never logged.
    package var key: String
    /// Address and port of the other end, for the log.
    package var peer: String
    /// `rtmp`, `rtmps` or `srt`.
    package var transport: String
    /// Ends this connection from outside (a takeover, a rotated key, the show's end); safe from any thread.
    package var disconnect: @Sendable (_ reason: String) -> Void

    package init(
        application: String, key: String, peer: String, transport: String,
        disconnect: @escaping @Sendable (_ reason: String) -> Void
    ) {
        self.application = application
        self.key = key
        self.peer = peer
        self.transport = transport
        self.disconnect = disconnect
    }
}

/// Takes a feed's events, on the connection's event loop. It never blocks: what it cannot keep it drops and counts.
package protocol FeedSink: Sendable {
    func receive(_ event: FeedEvent)
    /// Comes now and then, from any thread, where the protocol measures its line.
    func measured(_ line: FeedLine)
}

extension FeedSink {
    package func measured(_ line: FeedLine) {}
}

package enum FeedAdmission: Sendable {
    case accepted(show: ShowID, sink: any FeedSink)
    /// The sentence goes to the log and, where the protocol can carry one, to the host.
    case refused(reason: String)
}

/// What a key opens, asked before a connection stands.
package enum FeedCheck: Sendable, Hashable {
    /// SRT callers must encrypt with the passphrase; nil where they must not.
    case welcome(passphrase: String?)
    case refused(reason: String)
}

/// Decides who may publish.
package protocol FeedAuthority: Sendable {
    /// Whether a feed with this key would be let in now; `peer` is address and port of who asks. Answers at once, from any
    /// thread.
    func check(key: String, peer: String) -> FeedCheck
    /// The answer may come later and on any thread, exactly once.
    func admit(_ request: FeedRequest, reply: @escaping @Sendable (FeedAdmission) -> Void)
}
