import Codecs
import CoreMetrics
package import Logging
package import Media

/// One run of a show: a feed's events in, aligned renditions out through a sink. Owns its threads; they end by
/// themselves after `finish`, or when the transcoder is let go.
package final class Transcoder: Sendable {
    private let mailbox: FeedMailbox

    /// Starts the run's source thread. `name` is the show's, for logs and metrics; `feed` is the number of the feed that
    /// opens the run; the first picture is put at `start`, which is asked when the plan stands, and is 10 s for a first
    /// run so that no decoding time is ever negative. What goes wrong later is told to the sink.
    package init(
        settings: TranscodeSettings, name: String, feed: Int = 1,
        start: @escaping @Sendable () -> MediaTime = { MediaTime(milliseconds: 10_000) },
        capacity: EncodingCapacity, sink: any RunSink, logger: Logger
    ) {
        let metrics = TranscodeMetrics(show: name)
        let dropped = metrics.feedDropped
        let mailbox = FeedMailbox(limits: settings.backlog, pace: settings.pace) { dropped.increment() }
        self.mailbox = mailbox
        do throws(CodecFault) {
            let thread = try CodecThread.start(name: "source \(name)") {
                SourceStage(
                    settings: settings, feed: feed, start: start, sink: sink, metrics: metrics,
                    capacity: capacity,
                    logger: logger
                ).work(on: mailbox)
            }
            thread.detach()
        } catch {
            mailbox.close()
            sink.failed("the run could not be started: \(error)")
        }
    }

    deinit { mailbox.close() }

    /// Takes what the host sends. Never blocks for a live feed: what finds the mailbox full is dropped and counted.
    /// Events of feeds before the one that joined last are left out.
    package func receive(_ event: FeedEvent, feed: Int = 1) {
        mailbox.put(.event(event, feed: feed))
    }

    /// The feed is away: the slate follows, as far as `tick` says, through the same encoders.
    package func loseFeed() {
        mailbox.put(.lost)
    }

    /// Feed number `feed` sends from now on; its pictures are shown from an IDR picture on.
    package func joinFeed(_ feed: Int) {
        mailbox.put(.joined(feed: feed))
    }

    /// To be called some ten times a second while the slate is shown.
    package func tick(now: MonotonicTime) {
        mailbox.put(.time(now))
    }

    /// The event loops are late by so much: the machine has no time for them, which shows in no picture's own lateness,
    /// since that counts from where the picture was read. To be called some ten times a second.
    package func heldUp(by delay: Duration) {
        mailbox.heldUp(delay)
    }

    /// Ends the run: all that came in is worked off, every rendition gets its `end`, then the sink its `finished`.
    package func finish() {
        mailbox.close()
    }
}
