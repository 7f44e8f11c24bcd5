import Chat
import Foundation
import Media
import NIOCore
import Synchronization
import Testing

/// What readers hear of besides the chat, because they asked for it.
struct TopicTests {
    private static let spanish = Topic("captions:es")

    private func follow(_ line: FanoutTests.Line, _ topics: Set<Topic>, _ house: FanoutTests.House)
        async throws
    {
        let room = try #require(house.fanout.room(FanoutTests.show))
        try await line.loop.submit {
            guard let reader = line.reader.withLock({ $0 })?.value else { return }
            room.follow(reader, topics, on: line.loop)
        }.get()
    }

    private func tell(_ house: FanoutTests.House, _ topic: Topic, _ number: Int) {
        house.fanout.tell(
            FanoutTests.show, topic, ByteBuffer(string: #"{"type":"note","number":\#(number)}"#),
            mayBeLost: true)
    }

    private func numbers(_ line: FanoutTests.Line) -> [Int] {
        line.events.filter { $0["type"] as? String == "note" }.compactMap { $0["number"] as? Int }
    }

    @Test func whoAsksHearsAndNobodyElseDoes() async throws {
        let house = try await FanoutTests.House { $0.tick = .milliseconds(2) }
        // Whatever language the chat is read in.
        let (asks, other, both) = (
            try await house.reader("en"), try await house.reader("en"), try await house.reader("pt")
        )
        tell(house, Self.spanish, 0)
        #expect(!house.fanout.hasFollowers(FanoutTests.show, Self.spanish))
        try await follow(asks, [Self.spanish], house)
        try await follow(both, [Self.spanish, .held], house)
        tell(house, Self.spanish, 1)
        tell(house, .held, 2)
        try await both.until { numbers($0).count == 2 }
        try await asks.until { numbers($0) == [1] }
        // Nothing more, and then it again.
        try await follow(asks, [], house)
        tell(house, Self.spanish, 3)
        try await both.until { numbers($0).count == 3 }
        try await follow(asks, [Self.spanish], house)
        tell(house, Self.spanish, 4)
        try await asks.until { numbers($0).last == 4 }
        #expect(
            numbers(asks) == [1, 4] && numbers(other).isEmpty
                && Set(numbers(both)).subtracting([4]) == [1, 2, 3])
        try await both.leave(house)
        try await asks.leave(house)
        #expect(!house.fanout.hasFollowers(FanoutTests.show, Self.spanish))
        #expect(!house.fanout.hasFollowers(FanoutTests.show, .held))
    }

    @Test func manyComeAndGoInAnyOrder() async throws {
        let house = try await FanoutTests.House { $0.tick = .milliseconds(1) }
        var lines: [FanoutTests.Line] = []
        for _ in 0..<12 { lines.append(try await house.reader("en")) }
        var following: Set<Int> = []
        for round in 0..<40 {
            let place = Int.random(in: 0..<lines.count)
            if following.remove(place) == nil { following.insert(place) }
            try await follow(lines[place], following.contains(place) ? [Self.spanish] : [], house)
            tell(house, Self.spanish, round)
            for other in following { try await lines[other].until { numbers($0).last == round } }
        }
        for (place, line) in lines.enumerated() where !following.contains(place) {
            #expect(numbers(line).last != 39)
        }
    }

    @Test func aSlowReaderLosesTheOldestAndGoesOn() async throws {
        let house = try await FanoutTests.House {
            $0.tick = .milliseconds(1)
            $0.backlog = 1024
        }
        let (quick, slow) = (try await house.reader("en"), try await house.reader("en"))
        for line in [quick, slow] { try await follow(line, [Self.spanish], house) }
        slow.state.withLock { $0.takesMore = false }
        for number in 1...200 {
            tell(house, Self.spanish, number)
            if number % 20 == 0 { try await quick.until { numbers($0).last == number } }
        }
        slow.state.withLock { $0.takesMore = true }
        try await slow.catchUp()
        try await slow.until { numbers($0).last == 200 }
        #expect(numbers(slow).count < 100 && !slow.state.withLock { $0.isRemoved })
        #expect(numbers(slow) == numbers(slow).sorted() && numbers(quick) == Array(1...200))
        #expect(slow.state.withLock { $0.losses } == 1 && quick.state.withLock { $0.losses } == 0)
        // Late, but with all of it: nothing need be told anew.
        slow.state.withLock { $0.takesMore = false }
        tell(house, Self.spanish, 201)
        try await quick.until { numbers($0).last == 201 }
        slow.state.withLock { $0.takesMore = true }
        try await slow.catchUp()
        try await slow.until { numbers($0).last == 201 }
        #expect(slow.state.withLock { $0.losses } == 1)
    }

    @Test func whoRunsTheRoomHearsWhatWaitsForThem() async throws {
        let house = try await FanoutTests.House { $0.tick = .milliseconds(2) }
        let staff = try await house.reader("en")
        try await follow(staff, [.held], house)
        _ = try await house.desk.perform(.setMode(ChatMode(hold: true), ifRevision: nil), by: RoomBench.host)
        let first = try #require(try await house.say("May I say this?"))
        let second = try #require(try await house.say("And this as well?"))
        func told(_ type: String) -> [String] {
            staff.events.filter { $0["type"] as? String == type }.compactMap { $0["id"] as? String }
        }
        try await staff.until { _ in told("held").count == 2 }
        #expect(told("held") == [first.id.text, second.id.text])
        #expect(staff.events.first { $0["type"] as? String == "held" }?["heldFor"] as? String == "review")
        _ = try await house.desk.perform(.approve(first.id), by: RoomBench.host)
        _ = try await house.desk.perform(.reject(second.id), by: RoomBench.host)
        try await staff.until { _ in told("released").count == 2 }
        #expect(told("released") == [first.id.text, second.id.text] && told("message") == [first.id.text])
    }
}
