import Foundation
import Media
import People
import ShowTimeline
import Shows
import Testing

typealias AnyStore = PeopleStore & ShowStore & TimelineStore & IdempotencyStore

/// What every store must do, whatever it is made of. `all` is run on a fresh store each.
struct Conformance<Kept: AnyStore> {
    let store: Kept
    let now = Date(unixMilliseconds: 1_790_000_000_000)

    typealias Proof = @Sendable (Conformance) throws -> Void

    static var all: [String: Proof] {
        people.merging(waysIn) { $1 }.merging(shows) { $1 }.merging(logs) { $1 }
    }

    // MARK: What the proofs share

    func later(_ seconds: TimeInterval) -> Date { now.addingTimeInterval(seconds) }

    @discardableResult
    func person(_ login: String, isOperator: Bool = false) throws -> Person {
        try store.createPerson(
            PersonDraft(name: login.capitalized, login: login, isOperator: isOperator), once: nil,
            by: .commandLine, at: now)
    }

    func draft(_ title: String = "Evening", hosts: [PersonID] = [], start: Date? = nil) -> ShowDraft {
        ShowDraft(titles: [.english: title], hosts: hosts, start: start)
    }

    @discardableResult
    func show(_ name: String, _ draft: ShowDraft? = nil, isScheduled: Bool = true) throws -> Show {
        try store.createShow(
            draft ?? self.draft(), id: ShowID(name), isScheduled: isScheduled, once: nil,
            by: .commandLine, at: now)
    }

    func refuses(_ fields: [String], _ body: () throws -> Void) {
        #expect {
            try body()
        } throws: { error in
            guard case .invalid(let faults) = error as? DomainFault else { return false }
            return faults.map(\.field) == fields
        }
    }

    func conflicts(_ words: String..., by body: () throws -> Void) {
        #expect {
            try body()
        } throws: { error in
            guard case .conflict(let reason) = error as? DomainFault else { return false }
            return words.allSatisfy(reason.contains)
        }
    }

    func misses(_ body: () throws -> Void) {
        #expect {
            try body()
        } throws: { error in
            guard case .missing = error as? DomainFault else { return false }
            return true
        }
    }

    func actions(_ subject: String) throws -> [String] {
        try store.audit(AuditQuery(subject: subject)).items.map(\.action).reversed()
    }
}
