import CSpawn
import Glibc

/// Programs that run, each reading what the one before wrote. Whoever has them reads and writes at their ends, and waits
/// only as long as it is told. They run in a process group of their own and inherit nothing but their ends, so that they
/// end when this process does.
package struct ChildPrograms: ~Copyable {
    package enum Fault: Error {
        case start(String)
        /// The other end is closed: one of them has ended.
        case ended
        case timedOut
        case tooMuch
    }

    private let input: Int32
    private let output: Int32
    private let children: [pid_t]
    /// What was read beyond an answer.
    private var rest: [UInt8] = []

    private static let answerAtMost = 1 << 20

    private init(input: Int32, output: Int32, children: [pid_t]) {
        self.input = input
        self.output = output
        self.children = children
    }

    /// Starts them: each a program's name, which is looked for in PATH, and its arguments. What they say of errors goes where
    /// this process's does, where `keepsErrors`; else nowhere.
    package static func start(
        _ programs: [[String]], keepsErrors: Bool = false
    ) throws(Fault) -> ChildPrograms {
        guard let ends = link() else { throw .start("socketpair: \(errno)") }
        let input = ends.write
        var source = ends.read
        var children: [pid_t] = []
        func give(up reason: String) -> Fault {
            close(input)
            close(source)
            stop(children)
            return .start(reason)
        }
        for program in programs {
            guard let next = link() else { throw give(up: "socketpair: \(errno)") }
            let child = spawn(
                program, input: source, output: next.write, group: children.first ?? 0,
                keepsErrors: keepsErrors)
            close(next.write)
            close(source)
            source = next.read
            guard let child else { throw give(up: "\(program.first ?? "") does not start") }
            children.append(child)
        }
        _ = fcntl(input, F_SETFL, O_NONBLOCK)
        _ = fcntl(source, F_SETFL, O_NONBLOCK)
        return ChildPrograms(input: input, output: source, children: children)
    }

    deinit {
        close(input)
        close(output)
        ChildPrograms.stop(children)
    }

    // MARK: Without waiting

    /// The last one's process.
    package var identifier: Int32 { children.last ?? 0 }

    /// Writes as much of `bytes` as there is room for, and returns how much that was.
    package func send(_ bytes: some Collection<UInt8>) throws(Fault) -> Int {
        let count = Array(bytes).withUnsafeBytes { bytes in
            Glibc.send(input, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        }
        if count >= 0 { return count }
        guard errno == EAGAIN || errno == EINTR else { throw .ended }
        return 0
    }

    /// What there is to read; empty where there is nothing just now.
    package func receive() throws(Fault) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        let count = read(output, &buffer, buffer.count)
        if count > 0 { return Array(buffer[..<count]) }
        guard count < 0, errno == EAGAIN || errno == EINTR else { throw .ended }
        return []
    }

    /// Waits until there is something to read, or the time is over.
    package func wait(atMost limit: Duration) {
        let (seconds, attoseconds) = limit.components
        var poll = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
        _ = Glibc.poll(&poll, 1, Int32(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000))
    }

    /// They read the end of their input.
    package func closeInput() { shutdown(input, Int32(SHUT_WR)) }

    // MARK: Asking

    /// Writes all of `request` and reads up to `terminator`, which is left out. Waits until `end` at the longest.
    package mutating func exchange(
        _ request: [UInt8], terminator: UInt8, until end: ContinuousClock.Instant
    ) throws(Fault) -> [UInt8] {
        try write(request, until: end)
        while true {
            if let place = rest.firstIndex(of: terminator) {
                let answer = Array(rest[..<place])
                rest.removeFirst(place + 1)
                return answer
            }
            guard rest.count <= ChildPrograms.answerAtMost else { throw .tooMuch }
            try wait(output, POLLIN, until: end)
            var buffer = [UInt8](repeating: 0, count: 16_384)
            let count = read(output, &buffer, buffer.count)
            if count > 0 {
                rest += buffer[..<count]
            } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
                throw .ended
            }
        }
    }

    private func write(_ request: [UInt8], until end: ContinuousClock.Instant) throws(Fault) {
        var sent = 0
        while sent < request.count {
            let count = request.withUnsafeBytes { bytes in
                Glibc.send(
                    input, bytes.baseAddress.map { $0 + sent }, bytes.count - sent,
                    Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                sent += count
            } else if errno == EAGAIN {
                try wait(input, POLLOUT, until: end)
            } else if errno != EINTR {
                throw .ended
            }
        }
    }

    private func wait(
        _ descriptor: Int32, _ event: Int32, until end: ContinuousClock.Instant
    ) throws(Fault) {
        while true {
            let (seconds, attoseconds) = (end - .now).components
            let left = seconds * 1000 + attoseconds / 1_000_000_000_000_000
            guard left > 0 else { throw .timedOut }
            var poll = pollfd(fd: descriptor, events: Int16(event), revents: 0)
            let count = Glibc.poll(&poll, 1, Int32(clamping: left))
            if count > 0 { return }
            guard count == 0 || errno == EINTR else { throw .ended }
        }
    }

    /// Sockets rather than a pipe: writing to a pipe that is closed would signal this whole process, and they are not
    /// handed on to other children from the first moment on.
    private static func link() -> (read: Int32, write: Int32)? {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { return nil }
        return (ends[0], ends[1])
    }

    private static func spawn(
        _ program: [String], input: Int32, output: Int32, group: pid_t, keepsErrors: Bool
    ) -> pid_t? {
        guard let name = program.first else { return nil }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        if !keepsErrors { posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0) }
        cspawn_close_from(&actions, 3)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t()
        sigfillset(&defaults)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, group)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        // Apertium reads its texts as the locale says.
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
        let environment = [
            "PATH=\(path)", "LC_ALL=C.UTF-8", "PYTHONDONTWRITEBYTECODE=1", "HOME=/nonexistent",
        ]
        var child: pid_t = 0
        let code = withStrings(program) { arguments in
            withStrings(environment) { variables in
                posix_spawnp(&child, name, &actions, &attributes, arguments, variables)
            }
        }
        return code == 0 ? child : nil
    }

    private static func withStrings<Value>(
        _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Value
    ) -> Value {
        let copies = texts.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }

    /// Kills and reaps them. Takes no longer than the kernel needs.
    private static func stop(_ children: [pid_t]) {
        guard let first = children.first else { return }
        kill(-first, SIGKILL)
        for child in children {
            kill(child, SIGKILL)
            var status: Int32 = 0
            while waitpid(child, &status, 0) < 0, errno == EINTR {}
        }
    }
}
