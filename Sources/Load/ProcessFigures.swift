import Glibc

/// CPU and memory of a process, as Linux tells them.
package struct ProcessFigures: Hashable, Sendable {
    /// User and system time so far (seconds).
    package var cpu: Double
    /// Resident memory (bytes).
    package var resident: Int

    /// Nil where there is no such process.
    package init?(process: Int) {
        guard let stat = ProcessFigures.text("/proc/\(process)/stat"),
            let memory = ProcessFigures.text("/proc/\(process)/statm")
        else { return nil }
        // The name, in brackets, may hold anything.
        guard let close = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[close...].split(separator: " ")
        let pages = memory.split(separator: " ")
        guard fields.count > 13, pages.count > 1, let user = Int(fields[12]), let system = Int(fields[13]),
            let resident = Int(pages[1])
        else { return nil }
        cpu = Double(user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
        self.resident = resident * sysconf(Int32(_SC_PAGESIZE))
    }

    /// This process.
    package static var own: ProcessFigures? {
        guard var figures = ProcessFigures(process: Int(getpid())) else { return nil }
        var usage = rusage()
        if getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
            figures.cpu = [usage.ru_utime, usage.ru_stime].reduce(0) {
                $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6
            }
        }
        return figures
    }

    private static func text(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}

/// The limit of open files, raised as far as this process may.
enum OpenFiles {
    static func raised() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        let soft = limit.rlim_cur
        limit.rlim_cur = limit.rlim_max
        guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return Int(clamping: soft)
        }
        return Int(clamping: limit.rlim_cur)
    }
}

/// The natural logarithm.
func logarithm(_ x: Double) -> Double { log(x) }
