/// Why a target gets nothing, in plain words for the host and the operator. Nothing in it is secret.
package enum RelayTrouble: Hashable, Sendable, Error {
    /// The name of its host stands for no address.
    case unknownName
    /// Nobody answers at its address; the system's words.
    case unreachable(String)
    /// Its certificate is not one that is trusted; the library's words.
    case untrusted(String)
    /// The file with the certificates to trust cannot be used.
    case noCertificates
    /// It answered, and then did not let us publish within the deadline.
    case silent
    /// It said no; its own words.
    case refused(String)
    /// What it says is no RTMP.
    case foreign(String)
    /// It ended the stream.
    case closed
    /// It takes nothing any more.
    case stalled
    /// It sends more than any server has to say to a publisher.
    case flooding

    /// For metrics and programs.
    package var code: String {
        switch self {
        case .unknownName: "unknown-name"
        case .unreachable: "unreachable"
        case .untrusted: "untrusted"
        case .noCertificates: "no-certificates"
        case .silent: "silent"
        case .refused: "refused"
        case .foreign: "foreign"
        case .closed: "closed"
        case .stalled: "stalled"
        case .flooding: "flooding"
        }
    }

    /// One sentence on what is wrong.
    package var title: String {
        switch self {
        case .unknownName: "Its address leads nowhere: the name is not known."
        case .unreachable(let why): "It cannot be reached\(RelayTrouble.quoted(why))."
        case .untrusted(let why): "Its certificate is not trusted\(RelayTrouble.quoted(why))."
        case .noCertificates: "The file of trusted certificates cannot be read."
        case .silent: "It answers, but does not let the stream in."
        case .refused(let why): "It refuses the stream\(RelayTrouble.quoted(why))."
        case .foreign: "What answers there does not speak RTMP."
        case .closed: "It has closed the connection."
        case .stalled: "It does not take the stream any more."
        case .flooding: "It sends what no streaming service sends."
        }
    }

    /// One sentence on what to do.
    package var fix: String {
        switch self {
        case .unknownName: "Check the address in the settings for a slip."
        case .unreachable: "Check its address and port, and that this server may call it."
        case .untrusted: "Check the address; for a certificate of your own, set `certificate` beside it."
        case .noCertificates: "Set `certificate` to a PEM file that the server may read."
        case .silent: "Ask the service whether it is up; nothing needs to be done here."
        case .refused: "Check the stream key there: it may be old, or in use by somebody else."
        case .foreign: "Check the address and port, and whether it wants rtmps instead of rtmp."
        case .closed: "Look there whether the event is open, and whether it takes this codec and bitrate."
        case .stalled: "Its network or this server's may be overloaded; it is tried again by itself."
        case .flooding: "Check its address: it is no service for live streams."
        }
    }

    private static func quoted(_ words: String) -> String { words.isEmpty ? "" : " (\(words))" }

    /// What another server wrote, fit for a log and a page: short, of one line, without the key.
    package static func harmless(_ words: String, hiding secrets: [String]) -> String {
        var words = words
        for secret in secrets where !secret.isEmpty {
            while let found = words.firstRange(of: secret) { words.replaceSubrange(found, with: "…") }
        }
        let shown = words.unicodeScalars.filter { $0.value >= 32 && $0.value != 127 }.prefix(160)
        return String(String.UnicodeScalarView(shown))
    }
}
