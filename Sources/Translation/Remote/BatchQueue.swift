import Media
import Outbound

/// Two languages, from the one to the other.
struct LanguagePair: Hashable, Sendable {
    var from: LanguageTag
    var to: LanguageTag
}

/// Texts that wait for a remote engine. While one request of a pair is under way, what comes waits; then one of those who
/// wait, the newest, since it has the most time left, sends all of it together. Pure.
///
/// Bound: `most` texts; policy: who comes then is turned away, which the caller counts as `busy`.
struct BatchQueue: Sendable {
    enum Turn: Sendable {
        case answer(Result<Rendering, TranslationFault>)
        /// Send what waits, with your own.
        case drive
    }

    struct Order: Sendable {
        var id: Int
        var text: String
        var waiter: Waiter<Turn>
    }

    enum Seat: Sendable {
        case drive(Order)
        case wait(Order)
        case turnedAway
    }

    private let most: Int
    private let textsAtMost: Int
    private let charactersAtMost: Int
    private var next = 0
    private var waiting: [LanguagePair: [Order]] = [:]
    /// Who drives each pair's request.
    private var drivers: [LanguagePair: Int] = [:]
    /// Who has not gone.
    private var present: Set<Int> = []

    init(most: Int = 256, textsAtMost: Int = 40, charactersAtMost: Int = 20_000) {
        self.most = most
        self.textsAtMost = textsAtMost
        self.charactersAtMost = charactersAtMost
    }

    var count: Int { present.count }

    mutating func join(_ text: String, _ pair: LanguagePair) -> Seat {
        guard present.count < most else { return .turnedAway }
        next += 1
        let order = Order(id: next, text: text, waiter: Waiter())
        present.insert(order.id)
        guard drivers[pair] != nil else {
            drivers[pair] = order.id
            return .drive(order)
        }
        waiting[pair, default: []].append(order)
        return .wait(order)
    }

    /// The driver's own text and others that go with it.
    mutating func batch(with own: Order, _ pair: LanguagePair) -> [Order] {
        var batch = [own]
        var characters = own.text.utf8.count
        while let first = waiting[pair]?.first, batch.count < textsAtMost,
            characters + first.text.utf8.count <= charactersAtMost
        {
            batch.append(first)
            characters += first.text.utf8.count
            waiting[pair]?.removeFirst()
        }
        return batch
    }

    /// The driver is through; `left`: what it could not send after all. Who drives next is to be told.
    mutating func finish(_ own: Order, _ pair: LanguagePair, left: [Order]) -> Order? {
        present.remove(own.id)
        waiting[pair, default: []].insert(contentsOf: left.filter { present.contains($0.id) }, at: 0)
        return appoint(pair)
    }

    /// One that waited is answered.
    mutating func answered(_ order: Order) { present.remove(order.id) }

    /// One that waits has given up. Where it was to drive, another is, who is to be told.
    mutating func leave(_ order: Order, _ pair: LanguagePair) -> Order? {
        present.remove(order.id)
        waiting[pair]?.removeAll { $0.id == order.id }
        return drivers[pair] == order.id ? appoint(pair) : nil
    }

    private mutating func appoint(_ pair: LanguagePair) -> Order? {
        let newest = waiting[pair]?.popLast()
        if waiting[pair]?.isEmpty == true { waiting[pair] = nil }
        drivers[pair] = newest?.id
        return newest
    }
}
