import Foundation
import HTTPTypes
import Media
package import NIOCore
import People

/// What the console tells of the whole house, and this API's own description.
struct HouseRoutes: Sendable {
    private let backstage: Backstage

    init(_ backstage: Backstage) { self.backstage = backstage }

    var routes: [APIRoute] {
        [
            APIRoute(.get, "/audit", .may(.readAudit), answer: audit),
            APIRoute(.get, "/status", .may(.readQuality)) { _ in try .json(backstage.stage.status()) },
            APIRoute(.get, "/openapi.yaml", .everybody) { call in
                guard let text = OpenAPIDocument.text else {
                    throw ProblemDocument(
                        status: .notFound, detail: "the document is not beside the program: build it anew")
                }
                return APIAnswer(
                    status: .ok,
                    headers: [.contentType: "application/yaml", .cacheControl: "max-age=60"],
                    body: text)
            },
        ]
    }

    @Sendable private func audit(_ call: APICall) throws -> APIAnswer {
        var reader = QueryReader(call)
        let query = AuditQuery(
            subject: reader.text("subject", atMost: 100),
            person: reader.value("person", "a person's id") { PersonID($0) },
            action: reader.text("action", atMost: 40), limit: reader.limit(), cursor: reader.cursor())
        try reader.check()
        let page = try backstage.people.audit(query)
        return try .json(ListDocument("entries", page.items, next: page.next))
    }
}

/// The description of this API, as it lies beside the program.
package enum OpenAPIDocument {
    /// Nil where it is missing.
    package static let text: ByteBuffer? = {
        // Found beside the binary first: the generated accessor of the bundle stops the process where it finds none.
        let beside = Bundle.main.bundleURL.appending(path: "shopcast_API.resources/openapi.yaml")
        let isBeside = FileManager.default.fileExists(atPath: beside.path)
        let file = isBeside ? beside : Bundle.module.bundleURL.appending(path: "openapi.yaml")
        return (try? Data(contentsOf: file)).map { ByteBuffer(bytes: $0) }
    }()
}
