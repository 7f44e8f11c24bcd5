import API
import Foundation
import HTTPTypes
import NIOCore
import Testing
import Yams

/// The document says what the routes do: no address, method or kind of answer more, and none less.
@Suite struct OpenAPITests {
    private typealias Tree = [String: Any]

    private func document() throws -> Tree {
        let text = try #require(OpenAPIDocument.text)
        return try #require(try Yams.load(yaml: String(buffer: text)) as? Tree)
    }

    private func operations(_ document: Tree) throws -> [String: Tree] {
        var found: [String: Tree] = [:]
        for (path, item) in try #require(document["paths"] as? Tree) {
            for (method, operation) in try #require(item as? Tree) where method != "parameters" {
                found["\(method.uppercased()) \(path)"] = try #require(operation as? Tree)
            }
        }
        return found
    }

    /// Answered by the door of the lines, which the router does not know.
    private static let lines: Set = ["GET /shows/{show}/events"]

    @Test func everyRouteIsDescribedAndNothingElse() throws {
        let routes = try House().backstage.table.routes
        let described = Set(try operations(document()).keys)
        let served = routes.map { "\($0.method.rawValue) \($0.path)" }
        #expect(Set(served).count == served.count, "each once")
        #expect(described.subtracting(served) == Self.lines, "described, but not there")
        #expect(Set(served).subtracting(described) == [], "there, but not described")
    }

    @Test func answersThatFollowFromTheRouteAreDescribed() throws {
        let operations = try operations(document())
        for route in try House().backstage.table.routes {
            let name = "\(route.method.rawValue) \(route.path)"
            let operation = try #require(operations[name])
            let statuses = Set(try #require(operation["responses"] as? Tree).keys)
            var needed: Set<String> = route.access == .unseen ? ["429"] : ["401", "429"]
            if route.path.contains("{") { needed.insert("404") }
            if route.method != .get { needed.formUnion(["400", "413"]) }
            switch route.content {
            case .none: #expect(operation["requestBody"] == nil, "\(name)")
            case .object, .patch, .picture, .captions: needed.formUnion(["415", "422"])
            case .raw: break
            }
            switch route.access {
            case .everybody, .unseen: break
            case .signedIn, .inShow, .may: if route.method != .get { needed.insert("403") }
            }
            #expect(needed.subtracting(statuses) == [], "\(name) answers these too")
            #expect(statuses.contains { $0.hasPrefix("2") }, "\(name)")
        }
    }

    @Test func contentIsAsTheRouteTakesIt() throws {
        let operations = try operations(document())
        for route in try House().backstage.table.routes where route.content != .none {
            let operation = try #require(operations["\(route.method.rawValue) \(route.path)"])
            let body = try #require(operation["requestBody"] as? Tree)
            let types = Set(try #require(body["content"] as? Tree).keys)
            switch route.content {
            case .none: break
            case .object, .raw: #expect(types == ["application/json"])
            case .patch: #expect(types == ["application/merge-patch+json", "application/json"])
            case .picture: #expect(types == ["image/jpeg", "image/png", "image/webp"])
            case .captions: #expect(types == ["text/vtt", "application/x-subrip", "text/plain"])
            }
        }
    }

    @Test func everythingThatIsReferredToIsThere() throws {
        let document = try document()
        var missing: [String] = []
        func walk(_ value: Any) {
            if let tree = value as? Tree {
                if let target = tree["$ref"] as? String {
                    let found = target.dropFirst(2).split(separator: "/").reduce(document as Any?) {
                        ($0 as? Tree)?[String($1)]
                    }
                    if found == nil { missing.append(target) }
                }
                tree.values.forEach(walk)
            } else if let list = value as? [Any] {
                list.forEach(walk)
            }
        }
        walk(document)
        #expect(missing == [])
    }
}
