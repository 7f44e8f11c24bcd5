/// What one connection may cost. Every number is a ceiling that real encoders stay far below.
package struct RTMPLimits: Hashable, Sendable {
    /// Largest audio, video or aggregate message, in bytes (a 4K key frame at 50 Mbit/s is about 2 MiB).
    package var messageBytes: Int
    /// Largest command, data or control message, in bytes.
    package var commandBytes: Int
    /// Bytes that all unfinished messages of a connection may promise together.
    package var unfinishedBytes: Int
    /// Chunk streams in use on a connection; encoders use four to six.
    package var chunkStreams: Int
    /// Chunk size that the server announces for its own direction. ffmpeg takes it over for what it sends,
    /// so a large one saves both ends work.
    package var chunkSize: Int
    /// From the accepted connection to the `publish` command.
    package var handshakeDeadline: Duration
    /// How long the authority may think about a key.
    package var decisionDeadline: Duration
    /// Without a byte from the other end for this long, the connection is closed.
    package var idleDeadline: Duration
    /// How long a refused client may take to read the reason and hang up.
    package var lingerDeadline: Duration

    package init(
        messageBytes: Int = 8 << 20, commandBytes: Int = 256 << 10, unfinishedBytes: Int = 16 << 20,
        chunkStreams: Int = 64, chunkSize: Int = 65536, handshakeDeadline: Duration = .seconds(10),
        decisionDeadline: Duration = .seconds(10), idleDeadline: Duration = .seconds(30),
        lingerDeadline: Duration = .seconds(2)
    ) {
        self.messageBytes = messageBytes
        self.commandBytes = commandBytes
        self.unfinishedBytes = unfinishedBytes
        self.chunkStreams = chunkStreams
        self.chunkSize = chunkSize
        self.handshakeDeadline = handshakeDeadline
        self.decisionDeadline = decisionDeadline
        self.idleDeadline = idleDeadline
        self.lingerDeadline = lingerDeadline
    }

    /// What a connection may cost before its key has been checked: commands set the measure.
    package var beforeAcceptance: RTMPLimits {
        var limits = self
        limits.messageBytes = min(messageBytes, commandBytes)
        limits.unfinishedBytes = min(unfinishedBytes, 2 * commandBytes)
        return limits
    }
}
