import Media

extension FeedMeter {
    /// Width to height of pictures that are made on purpose.
    private static let shapes = [16.0 / 9, 4.0 / 3, 1, 5.0 / 4, 16.0 / 10, 3.0 / 2, 2, 21.0 / 9]
    /// Bits that a pixel of a moving picture wants at least.
    private static let bitsPerPixel = 0.02

    mutating func judge(at now: MonotonicTime) {
        judgeArrival(at: now)
        judgeFormat(at: now)
        judgeCadence(at: now)
        judgeBitrate(at: now)
        judgeSound(at: now)
        judgeSight(at: now)
    }

    private mutating func say(
        _ code: FindingCode, _ isBad: Bool?, _ severity: Finding.Severity,
        _ words: @autoclosure () -> Finding.Words,
        at now: MonotonicTime
    ) {
        guard let isBad else { return board.judge(code, .unsure, at: now) }
        board.judge(code, isBad ? .bad(severity, words()) : .good, at: now)
    }

    private func isRaised(_ code: FindingCode) -> Bool { board.isRaised(code) }

    private mutating func judgeArrival(at now: MonotonicTime) {
        let silence = now - (lastPicture ?? start)
        say(
            .pictureMissing, silence > .seconds(2), .error,
            .pictureMissing(seconds: Int(silence.components.seconds)), at: now)
        // While nothing comes at all, the missing sound is not what to look for.
        let isFlowing = firstPicture.map { now - $0 > .seconds(3) } ?? false
        let unheard = now - (lastSound ?? start)
        say(
            .audioMissing, silence > .seconds(2) || !isFlowing ? nil : unheard > .seconds(3), .error,
            .audioMissing, at: now)
        let late = clock.lateness
        say(
            .uploadLate, late > (isRaised(.uploadLate) ? 0.4 : 0.8), late > 3 ? .error : .warning,
            .uploadLate(seconds: late), at: now)
        let drift = clock.drift
        say(
            .clockDrift, drift.map { abs($0) > (isRaised(.clockDrift) ? 150 : 300) }, .warning,
            .clockDrift(partsPerMillion: drift ?? 0), at: now)
    }

    private mutating func judgeFormat(at now: MonotonicTime) {
        guard let parameters = picture?.parameters else { return }
        let (width, height) = (parameters.width, parameters.height)
        let (short, long) = (min(width, height), max(width, height))
        say(
            .resolutionLow, short < 720, short < 480 ? .warning : .info, .resolutionLow(width, height),
            at: now)
        say(.resolutionHigh, long > 1920 || short > 1088, .info, .resolutionHigh(width, height), at: now)
        say(.resolutionOdd, width % 2 + height % 2 > 0, .warning, .resolutionOdd(width, height), at: now)
        let aspect = parameters.pixelAspect
        let shown = Double(width * aspect.width) / Double(height * aspect.height)
        let shape = max(shown, 1 / shown)
        let isKnown = FeedMeter.shapes.contains { abs(shape / $0 - 1) < 0.02 }
        say(.pictureShape, !isKnown, .info, .pictureShape(width, height), at: now)
        say(.picturePortrait, shown < 0.98, .info, .picturePortrait, at: now)
        say(.pictureInterlaced, parameters.isInterlaced, .warning, .pictureInterlaced, at: now)
    }

    private mutating func judgeCadence(at now: MonotonicTime) {
        judgeKeyframes(at: now)
        say(.bFrames, rules.isLowLatency && cadence.hasBFrames, .warning, .bFrames, at: now)
        guard let summary = cadence.summary, now - (lastPicture ?? start) < .seconds(2) else {
            for code in [
                FindingCode.framesDropped, .framesIrregular, .frameRateLow, .frameRateHigh,
            ] { board.judge(code, .unsure, at: now) }
            return
        }
        let isIrregular = summary.irregular > (isRaised(.framesIrregular) ? 0.1 : 0.2)
        say(.framesIrregular, isIrregular, .warning, .framesIrregular, at: now)
        // Of pictures that come as they like, none can be said to be missing.
        say(
            .framesDropped, isIrregular ? nil : summary.dropped > (isRaised(.framesDropped) ? 0.003 : 0.01),
            summary.dropped > 0.05 ? .error : .warning, .framesDropped(percent: summary.dropped * 100),
            at: now)
        let rate = summary.rate
        let text = Finding.Words.number(rate)
        say(
            .frameRateLow, rate < (isRaised(.frameRateLow) ? 23.5 : 23), .warning, .frameRateLow(text),
            at: now)
        let limit = rules.maximumFrameRate
        say(
            .frameRateHigh, rate > Double(limit) + (isRaised(.frameRateHigh) ? 0.5 : 1), .info,
            .frameRateHigh(text, limit: limit), at: now)
    }

    private mutating func judgeKeyframes(at now: MonotonicTime) {
        // A frame of grace, so that a running interval is not told a moment before its end.
        let limit = rules.keyframeLimit + MediaTime(milliseconds: isRaised(.keyframeInterval) ? 0 : 100)
        let running = cadence.sinceKeyframe
        let whole = cadence.keyframeInterval
        guard let worst = [running, whole].compactMap({ $0 }).max() else { return }
        // Before the second key frame nothing can be called good.
        guard worst > limit || whole != nil else { return board.judge(.keyframeInterval, .unsure, at: now) }
        let text: String =
            if let whole, whole >= worst {
                "\(Finding.Words.number(whole.seconds)) s"
            } else {
                "longer than \(Int(worst.seconds)) s"
            }
        let severity: Finding.Severity = worst > MediaTime(milliseconds: 10_200) ? .error : .warning
        say(.keyframeInterval, worst > limit, severity, .keyframeInterval(text), at: now)
    }

    private mutating func judgeBitrate(at now: MonotonicTime) {
        guard let kilobits = bitrate.videoKilobits(over: 10), let parameters = picture?.parameters,
            now - (lastPicture ?? start) < .seconds(2)
        else { return }
        let rate = min(60, cadence.summary?.rate ?? 30)
        let pixels = Double(parameters.width * parameters.height) * rate
        let floor = Int(pixels * FeedMeter.bitsPerPixel / 1000)
        // Rounded to what people type.
        let better = max(500, Int(pixels * FeedMeter.bitsPerPixel * 4 / 1000) / 500 * 500)
        let isLow = kilobits < floor * (isRaised(.bitrateLow) ? 12 : 10) / 10
        say(
            .bitrateLow, isLow, .warning,
            .bitrateLow(kilobits, parameters.width, parameters.height, better: better), at: now)
        let limit = rules.maximumKilobits
        say(
            .bitrateHigh, kilobits > limit * (isRaised(.bitrateHigh) ? 95 : 100) / 100, .warning,
            .bitrateHigh(kilobits, limit: limit), at: now)
        let isLate = clock.lateness > 0.5
        let target = Int(min(max(metadata.videoKilobits ?? 0, 0), 1_000_000))
        say(
            .bitrateBelowTarget,
            target > 0 && kilobits * 100 < target * (isRaised(.bitrateBelowTarget) ? 85 : 70),
            isLate ? .warning : .info, .bitrateBelowTarget(kilobits, target: target), at: now)
        // Key frames are large: with few of them, seconds differ by nature.
        let hasShortGroups = cadence.keyframeInterval.map { $0 <= MediaTime(milliseconds: 4100) } ?? false
        let steadiness = hasShortGroups ? bitrate.steadiness : nil
        say(
            .bitrateUnstable, steadiness.map { $0 < (isRaised(.bitrateUnstable) ? 0.65 : 0.5) },
            isLate ? .warning : .info, .bitrateUnstable, at: now)
    }

    private mutating func judgeSound(at now: MonotonicTime) {
        if let sound { say(.audioMono, sound.channels == 1, .info, .audioMono, at: now) }
        guard let last = hearing.last, !isRaised(.audioMissing), now - last.at < .seconds(2) else {
            // Of sound that is not there nothing else is to be said.
            let verdict: FindingBoard.Verdict = isRaised(.audioMissing) ? .good : .unsure
            for code in [
                FindingCode.audioSilent, .audioClipping, .audioOneSided, .loudnessLow, .loudnessHigh,
            ] { board.judge(code, verdict, at: now) }
            return
        }
        say(
            .audioSilent, last.momentary < (isRaised(.audioSilent) ? -50 : -60), .error, .audioSilent, at: now
        )
        let clips = hearing.clips(at: now)
        say(.audioClipping, clips >= (isRaised(.audioClipping) ? 1 : 3), .warning, .audioClipping, at: now)
        let deaf = hearing.deafSide
        // In a pause neither side can be told from the other: it says nothing, for or against, unless it is so long that
        // what was before is another piece.
        if !hearing.isPause {
            say(.audioOneSided, deaf != nil, .warning, .audioOneSided(deaf: deaf ?? "left"), at: now)
        } else if !hearing.isSpoken(at: now) {
            board.judge(.audioOneSided, .unsure, at: now)
        }
        let loudness = isRaised(.audioSilent) ? nil : hearing.loudness
        let value = loudness ?? 0
        say(
            .loudnessLow, loudness.map { $0 < (isRaised(.loudnessLow) ? -25 : -28) }, .warning,
            .loudnessLow(value), at: now)
        say(
            .loudnessHigh, loudness.map { $0 > (isRaised(.loudnessHigh) ? -12 : -10) }, .warning,
            .loudnessHigh(value), at: now)
    }

    private mutating func judgeSight(at now: MonotonicTime) {
        guard let brightness = sight.brightness, let still = sight.still,
            now - (lastPicture ?? start) < .seconds(2)
        else { return }
        let isDark = brightness < (isRaised(.pictureDark) ? 20 : 12)
        say(.pictureDark, isDark, .error, .pictureDark, at: now)
        // Black is always still; that it is black is the news.
        let isFrozen = !isDark && still >= .seconds(12)
        say(
            .pictureFrozen, isFrozen, .warning, .pictureFrozen(seconds: Int(still.components.seconds)),
            at: now)
    }
}
