import Chat
import Delivery
import Foundation
import Media
import NIOCore
import People

extension ChatGuest {
    /// Does what a reader asks who is known and has a place.
    func perform(_ word: ClientWord) {
        switch word {
        case .hello: refuse(nil, ChatRefusal(.badRequest, "hello is said once"))
        case .send(let id, let text, let replyTo):
            let target = replyTo.map { MessageID($0) }
            if case .some(nil) = target {
                return refuse(id, ChatRefusal(.badRequest, "replyTo is no message"))
            }
            command(.send(ChatDraft(clientID: id, text: text, replyTo: target ?? nil)), id)
        case .edit(let id, let text): change(id) { .edit($0, text: text) }
        case .delete(let id): change(id) { .delete($0) }
        case .react(let emoji): command(.react(emoji), nil)
        case .name(let name, let link): call(name, link)
        case .language(let wanted):
            language = wanted.forReading
            // All that is shown is told again, in the new language.
            sit()
        case .captions(let languages):
            captions = languages
            follow()
            beginCaptions()
        case .caption(let caption): take(caption)
        case .booth(let language, let act): perform(act, in: language)
        case .ping: tell(RoomScript.frame("pong"))
        case .unknown: break
        }
    }

    /// What is done to a message, which the client names.
    private func change(_ id: String, _ what: (MessageID) -> ChatCommand) {
        guard let message = MessageID(id) else {
            return refuse(String(id.prefix(64)), ChatRefusal(.badRequest, "this is the name of no message"))
        }
        command(what(message), id)
    }

    private func command(_ command: ChatCommand, _ id: String?) {
        guard let desk, let line else { return }
        guard underWay < ChatGuest.waitingAtMost else {
            return refuse(id, ChatRefusal(.flood, "too much at once", retryAfter: .seconds(2)))
        }
        underWay += 1
        let bound = NIOLoopBound(self, eventLoop: line.loop)
        let loop = line.loop
        desk.perform(command, by: visitor) { answer in
            loop.execute { bound.value.answered(id, answer) }
        }
    }

    private func take(_ caption: ClientWord.Caption) {
        guard let line else { return }
        guard underWay < ChatGuest.waitingAtMost else {
            return refuse(caption.id, ChatRefusal(.flood, "too much at once", retryAfter: .seconds(2)))
        }
        underWay += 1
        let bound = NIOLoopBound(self, eventLoop: line.loop)
        let loop = line.loop
        door.intake.take(caption, from: identity, in: show) { answer in
            loop.execute { bound.value.answered(caption.id, answer) }
        }
    }

    private func answered(_ id: String, _ answer: CaptionIntake.Answer) {
        underWay -= 1
        guard phase != .over else { return }
        switch answer {
        case .failure(let refusal): refuse(id, refusal)
        case .success(let frame?): tell(frame)
        case .success(nil): break
        }
    }

    private func answered(_ id: String?, _ answer: ChatDesk.Answer) {
        underWay -= 1
        guard phase != .over else { return }
        switch answer {
        case .failure(let refusal): refuse(id, refusal)
        case .success(.message(let message)):
            guard let id else { return }
            if message.state == .held {
                refuse(id, ChatRefusal(.held, "a moderator looks at this first"))
            } else {
                tell(RoomScript.ack(id, message))
            }
        case .success: break
        }
    }

    /// Gives a guest a name.
    private func call(_ name: String, _ link: String?) {
        guard let desk else { return }
        if visitor.isSignedIn {
            return refuse(nil, ChatRefusal(.notAllowed, "who is signed in is called as their account says"))
        }
        let made = desk.guest(
            named: name, pass: pass, link: link, isProtected: isProtected, address: arrival.address)
        switch made {
        case .failure(let refusal): refuse(nil, refusal)
        case .success(let guest):
            pass = door.fanout.hall.passes.pass(guest.secret)
            visitor.author = guest.author
            visitor.linkMark = guest.linkMark
            become(guest.author.id)
            var standing = ReaderStanding(author: guest.author, obstacle: desk.obstacle(for: visitor))
            standing.guestSecret = guest.secret
            tell(RoomScript.frame("you") { standing.write(&$0) })
        }
    }
}
