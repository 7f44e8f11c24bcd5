import API
import Foundation
import HTTPTypes
import NIOCore
import People
import Shows
import Testing

@Suite struct ContentTests {
    private func faults<Value>(_ body: () throws -> Value) -> [FieldFault]? {
        do {
            _ = try body()
            return nil
        } catch DomainFault.invalid(let faults) {
            return faults
        } catch let problem as ProblemDocument {
            return problem.errors
        } catch {
            return [FieldFault("?", "\(error)")]
        }
    }

    private func show(_ text: String) throws -> ShowDraft {
        try JSONContent.value(
            ShowDraft.self, fields: ShowDraft.fields, from: JSONContent.object(ByteBuffer(string: text)))
    }

    @Test(arguments: ["", "[1]", "null", "{", "\"text\"", "{\"a\":}", "\u{FEFF}", "NaN"])
    func whatIsNoObjectIsRefused(_ text: String) {
        #expect(throws: ProblemDocument.self) { try JSONContent.object(ByteBuffer(string: text)) }
    }

    @Test func deepAndBinaryContentIsRefusedAndHarmless() {
        let deep = String(repeating: "[", count: 30_000)
        #expect(throws: ProblemDocument.self) { try JSONContent.object(ByteBuffer(string: deep)) }
        let nested =
            "{\"a\":" + String(repeating: "[", count: 20_000) + String(repeating: "]", count: 20_000) + "}"
        #expect(throws: ProblemDocument.self) { try JSONContent.object(ByteBuffer(string: nested)) }
        #expect(throws: ProblemDocument.self) { try JSONContent.object(ByteBuffer(bytes: [0xFF, 0, 0xC0])) }
    }

    @Test(arguments: [
        (#"{"titles":{"en":"A"},"colour":"red"}"#, "colour"), (#"{"titles":7}"#, "titles"),
        (#"{"titles":{"en":7}}"#, "titles.en"), (#"{"titles":{"en":"A"},"tags":["a",1]}"#, "tags[1]"),
        (#"{"titles":{"en":"A"},"lengthMinutes":"60"}"#, "lengthMinutes"),
        (#"{"titles":{"en":"A"},"source":1}"#, "source"),
        (#"{"titles":{"en":"A"},"start":"tomorrow"}"#, "start"),
        (#"{"titles":{"en":"A"},"profile":"best"}"#, "profile"),
        (#"{"titles":{"en":"A"},"language":"e n"}"#, "language"),
    ])
    func aFaultIsToldByTheNameOfItsMember(_ text: String, _ field: String) {
        let found = faults { try show(text) }
        #expect(found?.map(\.field) == [field])
        #expect(found?.allSatisfy { !$0.reason.isEmpty } == true)
    }

    @Test func whatIsUnknownAndWhatIsWrongAreToldTogether() {
        let found = faults { try show(#"{"titles":3,"colour":1,"size":2}"#) }
        #expect(found?.map(\.field) == ["colour", "size", "titles"])
    }

    @Test func aPatchTakesAwayWhatIsNull() throws {
        let target: [String: JSONValue] = ["a": "1", "b": ["c": 1, "d": 2], "e": [1]]
        let merged = JSONContent.merged(
            ["a": .null, "b": ["c": .null, "x": 3], "e": [2, .null]], over: target)
        #expect(merged == ["b": ["d": 2, "x": 3], "e": [2, .null]])
    }

    @Test func aQueryTellsAllItsFaults() throws {
        var reader = QueryReader(["limit": "0", "from": "now", "q": "a\nb", "state": "up"])
        _ = reader.limit()
        _ = reader.instant("from")
        _ = reader.text("q", atMost: 10)
        _ = reader.value("state", "a state") { ShowState(rawValue: $0) }
        let found = faults { try reader.check() }
        #expect(found?.map(\.field) == ["limit", "from", "q", "state"])
    }

    @Test(arguments: [
        ("\"r7\"", RevisionTag.Wish.revisions([7])), ("*", .any), ("\"r1\", \"r2\"", .revisions([1, 2])),
        ("W/\"r7\"", .revisions([])), ("r7", .revisions([])), ("\"x\"", .revisions([])), ("", .revisions([])),
        ("\"r99999999999999999999999\"", .revisions([])),
    ])
    func tagsAreOfRevisions(_ field: String, _ wish: RevisionTag.Wish) {
        #expect(RevisionTag.wish([.ifMatch: field]) == wish)
        #expect(RevisionTag.wish([:]) == .none)
    }

    @Test(arguments: [
        ("/console", true), ("/console#/shows", true), ("/studio/evening?x=1", true),
        ("//evil.example", false),
        ("/\\evil.example", false), ("https://evil.example", false), ("evil", false), ("", false),
        ("/a//b", false), ("/a\r\nSet-Cookie: x", false), ("/\t/evil.example", false),
        ("javascript:alert(1)", false),
    ])
    func nobodyIsSentElsewhere(_ path: String, _ isLocal: Bool) {
        #expect((LocalPath.checked(path) != nil) == isLocal)
    }
}
