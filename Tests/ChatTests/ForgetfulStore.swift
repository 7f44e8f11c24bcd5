import Chat
import Foundation
import Media
import People
import ShowTimeline
import Translation

/// Keeps nothing, and takes everything: for tests of what is told, not of what is kept.
struct ForgetfulStore: ChatStore {
    func openRoom(_ show: ShowID, keep: Int) throws -> KeptRoom? { KeptRoom(tag: "tag") }
    func commit(_ deeds: [ChatDeed]) throws -> [Bool] { deeds.map { _ in true } }
    func message(_ id: MessageID, of show: ShowID) throws -> ChatMessage? { nil }
    func messages(of show: ShowID, _ query: ChatQuery) throws -> [ChatMessage] { [] }
    func sanctions(of show: ShowID, isInForce: Bool, at now: Date, limit: Int) throws -> [Sanction] { [] }
    func exported(of show: ShowID, after: Int, limit: Int) throws -> [ExportedMessage] { [] }
    func messages(by author: AuthorID, limit: Int) throws -> [ChatMessage] { [] }
    func shows(writtenInBy author: AuthorID) throws -> [ShowID] { [] }
    func guestKey() throws -> [UInt8] { Array("key".utf8) }
    func forgetChat(before: Date) throws -> Int { 0 }
    func glossary(of show: ShowID) throws -> (glossary: Glossary, revision: Int) { (.empty, 0) }
    func setGlossary(
        _ glossary: Glossary, of show: ShowID, ifRevision: Int?, by actor: Actor, at now: Date
    ) throws -> Int { 1 }
}
