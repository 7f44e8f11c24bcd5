package import Media

/// Decides which of a show's feeds is on air. Pure: time comes with each call.
///
/// The primary is preferred. Where the feed on air is gone or frozen, another one that is healthy takes its place at
/// once; without another, a short silence is waited out, and then nobody is on air.
package struct FeedSwitch: Sendable {
    package enum Role: String, Sendable, Hashable, CaseIterable {
        case primary, backup

        var other: Role { self == .primary ? .backup : .primary }
    }

    package enum Return: Sendable, Hashable {
        /// To the primary, once it has been healthy for so long.
        case automatic(after: Duration)
        /// By `choose` only.
        case manual
    }

    package struct Policy: Sendable, Hashable {
        /// Without a picture for so long, a feed is frozen, where another one can take its place.
        package var frozen = Duration.seconds(1)
        /// The same where there is no other: a phone on a bad uplink loses nothing by waiting.
        package var patience = Duration.seconds(2)
        package var comeback = Return.automatic(after: .seconds(10))

        package init() {}
    }

    package enum Decision: Sendable, Hashable {
        /// Nobody is on air from now on.
        case lose
        /// This feed is on air from now on.
        case show(Role)
    }

    private struct Feed {
        var lastPicture: MonotonicTime?
        /// Since when it has sent pictures without a break.
        var healthySince: MonotonicTime?
    }

    private let policy: Policy
    // Fields and no dictionary: each picture of the show's comes by here.
    private var primary: Feed?
    private var backup: Feed?
    /// The feed that is on air.
    package private(set) var onAir: Role?
    /// What a person has chosen; until that feed is gone.
    private var chosen: Role?

    package init(policy: Policy) {
        self.policy = policy
    }

    package func isConnected(_ role: Role) -> Bool { self[role] != nil }

    private subscript(role: Role) -> Feed? {
        get { role == .primary ? primary : backup }
        set { if role == .primary { primary = newValue } else { backup = newValue } }
    }

    /// A connection takes a role, from the one that had it before: `lose` where that was on air.
    package mutating func connect(_ role: Role) -> Decision? {
        self[role] = Feed()
        guard onAir == role else { return nil }
        onAir = nil
        return .lose
    }

    /// A role's connection is gone.
    package mutating func disconnect(_ role: Role, now: MonotonicTime) -> Decision? {
        self[role] = nil
        if chosen == role { chosen = nil }
        return decide(now: now)
    }

    /// A picture has come.
    package mutating func picture(_ role: Role, now: MonotonicTime) -> Decision? {
        guard var feed = self[role] else { return nil }
        let wasFrozen = isFrozen(feed, now: now, policy.frozen)
        if wasFrozen { feed.healthySince = now }
        feed.lastPicture = now
        self[role] = feed
        // That the feed on air goes on is no reason to look at the others.
        return role == onAir && !wasFrozen ? nil : decide(now: now)
    }

    /// A person wants this feed on air. Nil where it is there already, or is not connected and healthy.
    package mutating func choose(_ role: Role, now: MonotonicTime) -> Decision? {
        guard let feed = self[role], !isFrozen(feed, now: now, policy.frozen) else { return nil }
        chosen = role
        return decide(now: now)
    }

    /// This process itself stood still for so long (its machine had no time for it): what feeds have sent meanwhile lies
    /// unread, so that their silence says nothing.
    package mutating func overslept(_ time: Duration) {
        for role in Role.allCases {
            guard let last = self[role]?.lastPicture else { continue }
            self[role]?.lastPicture = last + time
        }
    }

    /// What is to be done by now; nil where all stays as it is.
    package mutating func decide(now: MonotonicTime) -> Decision? {
        let next = best(now: now)
        guard next != onAir else { return nil }
        onAir = next
        return next.map { .show($0) } ?? .lose
    }

    private func best(now: MonotonicTime) -> Role? {
        func isHealthy(_ role: Role) -> Bool {
            self[role].map { !isFrozen($0, now: now, policy.frozen) } ?? false
        }
        if let chosen, isHealthy(chosen) { return chosen }
        guard let onAir, let current = self[onAir] else {
            return Role.allCases.first(where: isHealthy)
        }
        let other = onAir.other
        guard isHealthy(other) else {
            return isFrozen(current, now: now, policy.patience) ? nil : onAir
        }
        if !isHealthy(onAir) { return other }
        if other == .primary, chosen == nil, case .automatic(let after) = policy.comeback,
            let feed = self[other], let since = feed.healthySince, let last = feed.lastPicture,
            last - since >= after
        {
            return other
        }
        return onAir
    }

    private func isFrozen(_ feed: Feed, now: MonotonicTime, _ limit: Duration) -> Bool {
        feed.lastPicture.map { now - $0 > limit } ?? true
    }
}
