import Foundation
import Speech

/// `captiond`: hears what a show says. The server starts it, one for each show, and tells it on standard input what to do.
@main struct Main {
    static func main() async {
        CaptionDaemon.stepBack()
        exit(await CaptionDaemon().run { order throws(SpeechFault) in try SpeechEngines.make(order) })
    }
}
