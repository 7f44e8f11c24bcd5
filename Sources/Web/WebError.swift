/// Why the pages cannot be served: always a fault of the installation, found at start.
package enum WebError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The folder of the pages and their assets is not beside the binary; with the path that was looked at.
    case missingAssets(String)
    /// A file of that folder could not be read.
    case unreadable(String)
    /// A page's template has a hole that nothing fills, or lacks one that is needed.
    case badTemplate(page: String, hole: String)

    /// A file of messages is not what such a file is; with its path and what is wrong.
    case badCatalogue(String, String)

    package var description: String {
        switch self {
        case .missingAssets(let path):
            "The pages' files are missing at \(path): keep shopcast_Web.resources beside the shopcast binary."
        case .unreadable(let path): "\(path) could not be read."
        case .badTemplate(let page, let hole): "The page \(page) and its values disagree about {{\(hole)}}."
        case .badCatalogue(let path, let fault): "\(path) \(fault)."
        }
    }
}
