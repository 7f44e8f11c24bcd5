package import Hooks
package import Outbound

/// What the routes of webhooks work with.
package struct HookBureau: Sendable {
    package let store: any HookStore
    package let dispatcher: HookDispatcher
    package let client: OutboundClient

    package init(store: any HookStore, dispatcher: HookDispatcher, client: OutboundClient) {
        self.store = store
        self.dispatcher = dispatcher
        self.client = client
    }
}
