package import Foundation
package import HTTPTypes
import Media
package import NIOCore
package import People
package import Shows

/// One request, once its sender has been let in and its content is there.
package struct APICall: Sendable {
    package let arrival: Arrival
    package let visitor: Visitor
    /// The show that the address names, where it names one.
    package let named: Show?
    package let content: ByteBuffer
    package let now: Date

    package var identity: Identity { visitor.identity }

    /// As which a change is noted. Throws 401 for nobody.
    package func actor() throws -> Actor {
        guard let actor = visitor.identity.actor else { throw Refusal.nobody }
        return actor
    }

    /// The person who asks; a stream key is nobody's. Throws 401.
    package func person() throws -> Person {
        guard let person = visitor.person else { throw Refusal.nobody }
        return person
    }

    package func show() throws -> Show {
        guard let named else { throw Refusal.noShow }
        return named
    }

    package func may(_ action: Action) -> Bool {
        AccessRules.permits(visitor.identity, action, on: named?.id)
    }

    /// A part of the address, as the thing that it names; what is none is not there.
    package func parameter<ID: RandomID>(_ name: String, _ type: ID.Type, _ what: String) throws -> ID {
        guard let id = arrival.parameters[name].flatMap({ ID($0) }) else {
            throw ProblemDocument(status: .notFound, detail: "there is no such \(what)")
        }
        return id
    }
}

/// What is known of a request before its content is read.
package struct Arrival: Sendable {
    package let method: HTTPRequest.Method
    /// With its query.
    package let target: String
    package let authority: String?
    package let headers: HTTPFields
    package let parameters: [String: String]
    package let query: [String: String]
    /// Of the client, as limits are kept by it: what one customer can choose freely is left out.
    package let address: String
    package let isSecure: Bool
    /// A field in which a proxy tells the viewer's country may be believed.
    package var hearsCountry = false

    package init(
        method: HTTPRequest.Method, target: String, authority: String?, headers: HTTPFields,
        parameters: [String: String], query: [String: String], address: String, isSecure: Bool
    ) {
        self.method = method
        self.target = target
        self.authority = authority
        self.headers = headers
        self.parameters = parameters
        self.query = query
        self.address = address
        self.isSecure = isSecure
    }

    /// Nothing is changed by it.
    package var isSafe: Bool { method == .get || method == .head || method == .options }

    /// It shows nothing that tells who asks.
    package var isNobodys: Bool { headers[.authorization] == nil && cookie(Session.cookie) == nil }

    /// The value of a cookie; the first where there are more.
    package func cookie(_ name: String) -> String? {
        for line in headers[values: .cookie] {
            for pair in line.split(separator: ";") {
                let parts = pair.split(separator: "=", maxSplits: 1)
                guard parts.count == 2, parts[0].trimmingPrefix(while: { $0 == " " }) == name else {
                    continue
                }
                return String(parts[1])
            }
        }
        return nil
    }
}
