import CFuzzer
import Chat
import Foundation
import NIOCore

/// Any bytes as a client's word, then as a message's text: what is cleaned stays as it is when it is cleaned again, nothing
/// traps, and what is written as JSON is read back as it was.
private func one(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = ByteBuffer(bytes: UnsafeBufferPointer(start: data, count: size))
    if case .success(let word) = ClientWord.read(bytes), case .send(let id, _, _) = word {
        precondition((1...64).contains(id.utf8.count))
    }
    let text = String(buffer: bytes)
    let clean = ChatText.message(text)
    precondition(ChatText.message(clean) == clean, "what is clean becomes something else")
    precondition(
        ChatText.name(ChatText.name(text)) == ChatText.name(text), "a clean name becomes something else")
    _ = FoldedText(clean)
    _ = LinkSpotter.hasLink(clean)
    _ = QuestionSpotter.isQuestion(clean, in: nil)
    var pen = JSONPen()
    pen.beginArray()
    pen.value(text)
    pen.endArray()
    let read = try? JSONDecoder().decode([String].self, from: Data(pen.bytes.readableBytesView))
    precondition(read == [text], "another text came back")
    return 0
}

@_cdecl("FuzzChat_main")
func main(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    fuzz_run(count, arguments) { one($0, $1) }
}
