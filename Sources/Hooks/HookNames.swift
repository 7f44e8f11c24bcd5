import People

/// A webhook's name in addresses.
package struct HookID: RandomID {
    package static let letter: Character = "h"
    package let text: String
    package init(known: String) { text = known }
}

/// A delivery's name, which the receiver can tell repetitions by.
package struct DeliveryID: RandomID {
    package static let letter: Character = "d"
    package static let length = 20
    package let text: String
    package init(known: String) { text = known }
}
