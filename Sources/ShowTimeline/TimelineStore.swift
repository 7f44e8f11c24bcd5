package import Media

/// Where timelines are kept: append-only, each show with a sequence of its own. It waits for the disk, so it is not for
/// the cooperative pool.
package protocol TimelineStore: Sendable {
    /// In one transaction, in this order; what belongs to a show that is gone is left out. Returns what was stored.
    @discardableResult
    func append(_ drafts: [TimelineDraft]) throws -> [TimelineEvent]
    /// With a sequence above `after`, in order.
    func events(of show: ShowID, after: Int, limit: Int) throws -> [TimelineEvent]
    /// 0 where there is none.
    func lastSequence(of show: ShowID) throws -> Int
}
