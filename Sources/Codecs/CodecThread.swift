import CMediaShims
import Glibc

/// A named operating-system thread: codec work never runs on the shared pool.
package final class CodecThread: @unchecked Sendable {
    // Proof of Sendable: the handle is written once, before anyone else has the object; `join` is called once.
    private var handle = pthread_t()

    private final class Start {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Runs `body` on a new thread; the first 15 bytes of `name` show in `top -H`.
    package static func start(
        name: String, body: @escaping @Sendable () -> Void
    ) throws(CodecFault) -> CodecThread {
        let thread = CodecThread()
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        let code = pthread_create(
            &thread.handle, nil,
            { raw in
                guard let raw else { return nil }
                let start = Unmanaged<Start>.fromOpaque(raw).takeRetainedValue()
                shim_name_this_thread(start.name)
                start.body()
                return nil
            }, start.toOpaque())
        guard code == 0 else {
            start.release()
            throw .call("pthread_create", code: code, reason: "no thread could be started")
        }
        return thread
    }

    private init() {}

    /// Waits for the thread's end. Exactly one of `join` and `detach` is called, once.
    package func join() {
        pthread_join(handle, nil)
    }

    /// Lets the thread run on by itself.
    package func detach() {
        pthread_detach(handle)
    }

    /// Gives way to threads that are not as nice from here on: by 10 for work that nobody waits for. On Linux niceness is a
    /// thread's own.
    package static func stepBack(by steps: Int32 = 10) {
        let which = __priority_which_t(Int32(PRIO_PROCESS.rawValue))
        setpriority(which, 0, getpriority(which, 0) + steps)
    }

    /// Cores that this process may run on.
    package static var cores: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    /// CPU time that the calling thread has used.
    package static var cpuTime: Duration { .nanoseconds(shim_thread_cpu_nanoseconds()) }
}
