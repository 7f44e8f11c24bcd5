package import NIOCore

/// What one language's readers get of one tick: a frame's whole array, and where in it which events stand.
package struct SheetText: Sendable {
    /// An event's number, and its bytes in `content`; 0 for what has none.
    package struct Mark: Sendable {
        package var sequence: Int
        package var range: Range<Int>
        /// A message, or a translation of one: what a reader who is too slow loses first.
        package var isChat: Bool
    }

    package let content: ByteBuffer
    package let marks: [Mark]
    /// Of the numbers in it the lowest and the highest; 0 where there are none.
    package let first: Int
    package let last: Int

    /// `elements` are written one after the other, each a whole object.
    package init(_ elements: [(json: ByteBuffer, sequence: Int, isChat: Bool)]) {
        var content = ByteBufferAllocator().buffer(
            capacity: elements.reduce(2) { $0 + $1.json.readableBytes + 1 })
        var marks: [Mark] = []
        content.writeInteger(UInt8(ascii: "["))
        for element in elements {
            if !marks.isEmpty { content.writeInteger(UInt8(ascii: ",")) }
            let from = content.writerIndex
            content.writeImmutableBuffer(element.json)
            marks.append(
                Mark(sequence: element.sequence, range: from..<content.writerIndex, isChat: element.isChat))
        }
        content.writeInteger(UInt8(ascii: "]"))
        self.content = content
        self.marks = marks
        let numbers = marks.lazy.map(\.sequence).filter { $0 > 0 }
        first = numbers.min() ?? 0
        last = numbers.max() ?? 0
    }

    /// The same without what `isWanted` does not take; nil where nothing is left.
    package func part(_ isWanted: (Mark) -> Bool) -> SheetText? {
        let wanted = marks.filter(isWanted)
        if wanted.count == marks.count { return self }
        guard !wanted.isEmpty else { return nil }
        return SheetText(wanted.map(element))
    }

    /// What is numbered of both, in the order of the numbers.
    package func merged(with other: SheetText?) -> SheetText {
        let all = [self, other].compactMap { $0 }.flatMap { text in
            text.marks.filter { $0.sequence > 0 }.map(text.element)
        }
        return SheetText(all.sorted { $0.sequence < $1.sequence })
    }

    private func element(_ mark: Mark) -> (json: ByteBuffer, sequence: Int, isChat: Bool) {
        let json = content.getSlice(at: mark.range.lowerBound, length: mark.range.count) ?? ByteBuffer()
        return (json, mark.sequence, mark.isChat)
    }

    /// Numbers of its messages.
    var chat: ClosedRange<Int>? {
        let numbers = marks.lazy.filter { $0.isChat && $0.sequence > 0 }.map(\.sequence)
        guard let first = numbers.min(), let last = numbers.max() else { return nil }
        return first...last
    }
}

/// A frame for readers on one event loop, who share it.
package final class Sheet {
    let text: SheetText
    /// What a reader of server-sent events shows to go on from here; nil where nothing here is numbered.
    package let id: String?
    /// What the lines have made of it: put into their form once for all.
    package var wrapping: AnyObject?
    /// What is left for readers who are too slow.
    private(set) lazy var essence: Sheet? = text.part { !$0.isChat }.map { Sheet($0, id: id) }

    package init(_ text: SheetText, id: String?) {
        self.text = text
        self.id = id
    }

    /// A frame for one reader.
    package convenience init(_ content: ByteBuffer, id: String? = nil) {
        self.init(SheetText(whole: content), id: id)
    }

    package var content: ByteBuffer { text.content }
    var size: Int { text.content.readableBytes }
    /// Something in it may be lost.
    var isChat: Bool { text.marks.contains { $0.isChat } }
}

extension SheetText {
    /// A frame that was written elsewhere, with nothing in it that may be lost.
    init(whole content: ByteBuffer) {
        self.content = content
        marks = [Mark(sequence: 0, range: content.readerIndex..<content.writerIndex, isChat: false)]
        first = 0
        last = 0
    }

    /// With bytes of its own.
    func copied() -> SheetText { SheetText(copy: self) }

    private init(copy text: SheetText) {
        content = ByteBuffer(bytes: text.content.readableBytesView)
        marks = text.marks
        first = text.first
        last = text.last
    }
}
