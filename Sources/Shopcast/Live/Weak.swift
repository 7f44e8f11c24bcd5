import Synchronization

/// Refers to a thing without keeping it alive.
final class Weak<Value: AnyObject & Sendable>: Sendable {
    private struct Reference { weak var value: Value? }
    private let reference = Mutex(Reference())

    var value: Value? {
        get { reference.withLock { $0.value } }
        set { reference.withLock { $0.value = newValue } }
    }
}
