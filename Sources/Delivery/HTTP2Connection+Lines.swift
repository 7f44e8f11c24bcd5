import HTTPTypes
import NIOCore
import NIOHPACK

extension HTTP2Connection {
    /// Opens a stream of server-sent events where the request is for one; false where another part of the server answers.
    func openLine(_ id: UInt32, _ headers: HPACKHeaders, ends: Bool) -> Bool {
        guard let host = desk.house.lines, headers.first(name: ":method") == "GET",
            let target = headers.first(name: ":path"), host.kind(of: target) != nil
        else { return false }
        guard let request = HTTPRequest(headers) else {
            reset(id, .protocolError)
            return true
        }
        let origin = desk.house.door.origin(of: request.headerFields, peer: peer)
        do throws(LineRefusal) {
            guard host.kind(of: target) == .events else {
                throw LineRefusal.upgrade("WebSocket is spoken over HTTP/1.1 here.")
            }
            guard ends else { throw LineRefusal.badRequest("This request has no content.") }
            let admission = try desk.admit(
                LineRequest(
                    kind: .events, target: target, authority: request.authority,
                    headers: request.headerFields,
                    origin: origin, isSecure: true))
            let line = HTTP2EventLine(id, self, admission)
            let stream = HTTP2Stream(id, .line(line), HTTP2Stream.wish(headers))
            streams[id] = stream
            desk.tally.count(.other, status: 200)
            var head = HTTPResponse(status: .ok, headerFields: [.date: desk.date])
            for (name, value) in EventText.fields {
                if let name = HTTPField.Name(name) { head.headerFields[name] = value }
            }
            writeHeaders(id, ends: false) { $0.write(head, into: &$1) }
            line.begin()
        } catch {
            refuse(id, error)
        }
        return true
    }

    private func refuse(_ id: UInt32, _ refusal: LineRefusal) {
        let document = refusal.document
        desk.tally.count(.other, status: refusal.code)
        var head = HTTPResponse(
            status: .init(code: refusal.code),
            headerFields: [
                .date: desk.date, .contentType: "application/problem+json", .cacheControl: "no-store",
                .contentLength: "\(document.readableBytes)",
            ])
        for (name, value) in refusal.fields {
            if let name = HTTPField.Name(name) { head.headerFields[name] = value }
        }
        writeHeaders(id, ends: false) { $0.write(head, into: &$1) }
        writeData(id, document, ends: true)
        finished(id)
    }

    /// A line has something to send, or has come to its end.
    func wrote(_ line: HTTP2EventLine) {
        guard let stream = streams[line.id] else { return }
        startWriting(stream)
        if !isReading { pump() }
    }

    /// A line's reader takes nothing.
    func breakOff(_ line: HTTP2EventLine) {
        guard streams[line.id] != nil else { return }
        reset(line.id, .cancel)
        pump()
    }
}
