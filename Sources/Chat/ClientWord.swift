import Foundation
package import Media
package import NIOCore

/// What a client says over its line, read strictly: one object of JSON. Messages are named as they were: whoever knows them
/// looks whether they can be. Pure.
package enum ClientWord: Hashable, Sendable {
    package struct Hello: Hashable, Sendable {
        package var version: Int
        package var language: LanguageTag?
        /// The newest event that the client has, and of which row of them.
        package var after: Int?
        package var room: String?
        /// What makes a guest the same one again.
        package var guest: String?
        /// The host's link by which they came.
        package var link: String?

        package init(
            version: Int, language: LanguageTag? = nil, after: Int? = nil, room: String? = nil,
            guest: String? = nil, link: String? = nil
        ) {
            self.version = version
            self.language = language
            self.after = after
            self.room = room
            self.guest = guest
            self.link = link
        }
    }

    case hello(Hello)
    /// `id` is chosen by the client: 1 to 64 visible ASCII characters.
    case send(id: String, text: String, replyTo: String?)
    case name(String, link: String?)
    case react(String)
    case edit(String, text: String)
    case delete(String)
    case language(LanguageTag)
    /// Whose captions are wanted; none: no more.
    case captions([LanguageTag])
    case caption(Caption)
    /// Of somebody who takes turns with others at the captions of a language.
    case booth(LanguageTag, BoothAct)
    case ping
    /// Of a later version: not for us.
    case unknown

    /// What somebody who writes captions says.
    package struct Caption: Hashable, Sendable {
        /// An instant as it was written.
        package enum Moment: Hashable, Sendable {
            case text(String)
            /// Unix milliseconds.
            case number(Int64)
        }

        /// Chosen by the client: 1 to 64 visible ASCII characters.
        package var id: String
        package var language: LanguageTag
        package var text: String
        package var speaker: String?
        package var start: Moment?
        package var end: Moment?
        package var isFinal: Bool
        /// The cue that is to say this instead.
        package var edit: Int?

        package init(
            id: String, language: LanguageTag, text: String, speaker: String? = nil, start: Moment? = nil,
            end: Moment? = nil, isFinal: Bool = true, edit: Int? = nil
        ) {
            self.id = id
            self.language = language
            self.text = text
            self.speaker = speaker
            self.start = start
            self.end = end
            self.isFinal = isFinal
            self.edit = edit
        }
    }

    package enum BoothAct: String, Hashable, Sendable {
        case enter, leave
        /// Is on from here on.
        case take
        /// The next one is on.
        case hand
    }

    package static let mostCaptionLanguages = 3

    /// Why it cannot be read; `id` is the client's own name for what it wanted, where there was one.
    package struct Fault: Error, Hashable, Sendable {
        package var detail: String
        package var id: String?
    }

    package static func read(_ bytes: ByteBuffer) -> Result<ClientWord, Fault> {
        let form: Form
        do {
            form = try JSONDecoder().decode(Form.self, from: Data(bytes.readableBytesView))
        } catch {
            return .failure(
                Fault(detail: "one JSON object with a type is needed, its members as the protocol says"))
        }
        do {
            return .success(try form.word())
        } catch let fault as Fault {
            return .failure(fault)
        } catch {
            return .failure(Fault(detail: "this cannot be read"))
        }
    }

    private struct Form: Decodable {
        var type: String
        var v: Int?
        var language: String?
        var after: Int?
        var room: String?
        var guest: String?
        var link: String?
        var id: String?
        var text: String?
        var replyTo: String?
        var name: String?
        var emoji: String?
        var message: String?
        var languages: [String]?
        var speaker: String?
        var start: Caption.Moment?
        var end: Caption.Moment?
        var final: Bool?
        var edit: Int?
        var act: String?

        func word() throws -> ClientWord {
            switch type {
            case "hello":
                guard let v else { throw Fault(detail: "hello needs v, the version of the protocol") }
                return .hello(
                    Hello(
                        version: v, language: language.flatMap { LanguageTag($0) },
                        after: after.flatMap { $0 >= 0 ? $0 : nil },
                        room: room, guest: guest, link: link))
            case "send":
                let id = try name(of: "send")
                guard let text else { throw Fault(detail: "send needs a text", id: id) }
                return .send(id: id, text: text, replyTo: replyTo)
            case "name":
                guard let name else { throw Fault(detail: "name needs a name") }
                return .name(name, link: link)
            case "react":
                guard let emoji else { throw Fault(detail: "react needs an emoji") }
                return .react(emoji)
            case "edit":
                guard let message, let text else { throw Fault(detail: "edit needs a message and a text") }
                return .edit(message, text: text)
            case "delete":
                guard let message else { throw Fault(detail: "delete needs a message") }
                return .delete(message)
            case "language":
                guard let tag = language.flatMap({ LanguageTag($0) }) else {
                    throw Fault(detail: "language needs a language tag such as es or zh-Hans")
                }
                return .language(tag)
            case "captions":
                guard let languages, languages.count <= ClientWord.mostCaptionLanguages else {
                    throw Fault(
                        detail: "captions needs languages, at most \(ClientWord.mostCaptionLanguages)")
                }
                return .captions(
                    try languages.map { text in
                        guard let tag = LanguageTag(text) else {
                            throw Fault(detail: "captions needs language tags such as es or zh-Hans")
                        }
                        return tag
                    })
            case "caption": return .caption(try caption())
            case "booth":
                guard let tag = language.flatMap({ LanguageTag($0) }),
                    let act = act.flatMap({ BoothAct(rawValue: $0) })
                else { throw Fault(detail: "booth needs a language, and act: enter, leave, take or hand") }
                return .booth(tag, act)
            case "ping": return .ping
            default: return .unknown
            }
        }

        private func name(of what: String) throws -> String {
            guard let id, (1...64).contains(id.utf8.count), id.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
            else { throw Fault(detail: "\(what) needs an id of 1 to 64 visible ASCII characters") }
            return id
        }

        private func caption() throws -> Caption {
            let id = try name(of: "caption")
            guard let tag = language.flatMap({ LanguageTag($0) }) else {
                throw Fault(detail: "caption needs a language tag such as es or zh-Hans", id: id)
            }
            guard let text else { throw Fault(detail: "caption needs a text", id: id) }
            return Caption(
                id: id, language: tag, text: text, speaker: speaker, start: start, end: end,
                isFinal: final ?? true, edit: edit)
        }
    }
}

extension ClientWord.Caption.Moment: Decodable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int64.self) {
            self = .number(number)
        } else {
            self = .text(try container.decode(String.self))
        }
    }
}
