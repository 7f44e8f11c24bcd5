import CMediaShims
import Glibc

/// A value behind a lock, with a condition to wait on: the floor under every queue between codec threads.
package final class Monitor<State>: @unchecked Sendable {
    // Proof of Sendable: `state` and `sleepers` are touched only while `mutex` is held; the two pointers never change.
    private var state: State
    private var sleepers = 0
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    package init(_ state: sending State) {
        self.state = state
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Reads or changes the state; nobody is woken.
    package func withLock<Result>(_ body: (inout State) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&state)
    }

    /// Changes the state, then wakes all who wait where `body` says so.
    package func change<Result>(_ body: (inout State) -> (wakes: Bool, result: Result)) -> Result {
        pthread_mutex_lock(mutex)
        let (wakes, result) = body(&state)
        unlock(waking: wakes)
        return result
    }

    /// Waits until `body` has a result; what it changed wakes the others. Nil where `limit` passed first.
    package func wait<Result>(atMost limit: Duration? = nil, until body: (inout State) -> Result?) -> Result?
    {
        var deadline: timespec?
        pthread_mutex_lock(mutex)
        while true {
            if let result = body(&state) {
                unlock(waking: true)
                return result
            }
            if sleep(until: &deadline, limit) { continue }
            let last = body(&state)
            unlock(waking: last != nil)
            return last
        }
    }

    /// Sleeps with the mutex given up; false once `limit` has passed since the first time.
    private func sleep(until deadline: inout timespec?, _ limit: Duration?) -> Bool {
        sleepers += 1
        defer { sleepers -= 1 }
        guard let limit else {
            pthread_cond_wait(condition, mutex)
            return true
        }
        var end = deadline ?? Monitor.time(after: limit)
        deadline = end
        return pthread_cond_timedwait(condition, mutex, &end) == 0
    }

    /// Wakes with the mutex already free: who is woken while it is held runs into it and sleeps again, two switches for
    /// nothing.
    private func unlock(waking: Bool) {
        let isAwaited = waking && sleepers > 0
        pthread_mutex_unlock(mutex)
        if isAwaited { pthread_cond_broadcast(condition) }
    }

    private static func time(after limit: Duration) -> timespec {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let (seconds, attoseconds) = limit.components
        let nanoseconds = time.tv_nsec + Int(attoseconds / 1_000_000_000)
        time.tv_sec += Int(seconds) + nanoseconds / 1_000_000_000
        time.tv_nsec = nanoseconds % 1_000_000_000
        return time
    }
}
