// In: a plan and the segments' files. Out: one MP4 file, index first. Blocks: the thread that it runs on, for the disk.
// One segment of each track is in memory at a time. Outages are left out: what follows is moved up to what was.

import CMAF
import Codecs
import Foundation
import Media
import NIOCore
import Packaging

/// Copies the segments of a plan into one file.
struct MovieJob {
    enum Fault: Error, CustomStringConvertible {
        case unreadable(String)
        case coding(String)

        var description: String {
            switch self {
            case .unreadable(let path): "\(path) cannot be read"
            case .coding(let name): "the init section of \(name) is not of the kind that was expected"
            }
        }
    }

    let show: ShowID
    let plan: MoviePlan
    let script: ReplayScript
    let folder: ArchiveFolder

    /// Writes to `path`, which is there, whole, only afterwards.
    func run(to path: String) throws {
        let temporary = path + ".new"
        defer { unlink(temporary) }
        guard let first = plan.stretches.first, let pictureMap = first.picture.map,
            let soundMap = first.sound.map
        else { throw Fault.coding("\(plan.rendition)") }
        let picture = try InitSection.read(
            bytes(first.reel, plan.rendition, pictureMap))
        let sound = try InitSection.read(bytes(first.reel, plan.sound, soundMap))
        guard case .avc(let video) = picture.format else { throw Fault.coding("\(plan.rendition)") }
        guard case .aac(let audio) = sound.format else { throw Fault.coding("\(plan.sound)") }
        var writer = try MovieFileWriter.open(path: temporary, video: video, audio: audio)
        let (pictures, sounds) = (FragmentReader(track: picture), FragmentReader(track: sound))
        var end = MediaTime.zero
        var offset = MediaTime.zero - first.start
        var lastPicture = MediaTime(ticks: .min / 2)
        var lastSound = MediaTime(ticks: .min / 2)
        for stretch in plan.stretches {
            if stretch.isBreak { offset = end - stretch.start }
            let seen = try units(pictures, bytes(stretch.reel, plan.rendition, stretch.picture.file))
            let heard = try units(sounds, bytes(stretch.reel, plan.sound, stretch.sound.file))
            // Decoding times rise within a track, whatever a break brings: what would fall back is left out.
            for unit in MovieJob.interleaved(seen, heard) {
                let time = unit.dts + offset
                switch unit.kind {
                case .video:
                    guard time > lastPicture else { continue }
                    lastPicture = time
                case .audio:
                    guard time > lastSound else { continue }
                    lastSound = time
                }
                try writer.write(unit, offset: offset)
            }
            end = max(end, seen.reduce(end) { max($0, $1.pts + $1.duration + offset) })
        }
        try writer.finish()
        guard rename(temporary, path) == 0 else { throw Fault.unreadable(path) }
    }

    private func units(_ reader: FragmentReader, _ bytes: ByteBuffer) throws -> [AccessUnit] {
        try reader.read(bytes, arrival: MonotonicTime(nanoseconds: 0)).flatMap(\.samples)
    }

    private static func interleaved(_ a: [AccessUnit], _ b: [AccessUnit]) -> [AccessUnit] {
        var merged: [AccessUnit] = []
        merged.reserveCapacity(a.count + b.count)
        var (i, j) = (0, 0)
        while i < a.count || j < b.count {
            if j >= b.count || (i < a.count && a[i].dts <= b[j].dts) {
                merged.append(a[i])
                i += 1
            } else {
                merged.append(b[j])
                j += 1
            }
        }
        return merged
    }

    private func bytes(_ reel: Int, _ rendition: RenditionName, _ file: String) throws -> ByteBuffer {
        let path = folder.file(show, tag: script.reels[reel].tag, rendition: rendition, name: file)
        guard let data = FileManager.default.contents(atPath: path) else { throw Fault.unreadable(path) }
        return ByteBuffer(bytes: data)
    }
}
