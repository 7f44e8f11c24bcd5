package import Media

// The same in Simplified Chinese, with the names that OBS Studio's own Chinese menus have.

extension Finding {
    /// What a host reads who wants `language`; English where there is nothing else.
    package func words(in language: LanguageTag) -> Words {
        guard language.primary == "zh", let (title, fix) = Finding.chinese[code] else { return words }
        func filled(_ pattern: String) -> String {
            words.values.reduce(pattern) { text, value in
                text.replacing("{\(value.key)}", with: Finding.chineseValues[value.value] ?? value.value)
            }
        }
        return Words(filled(title), fix: filled(fix), values: words.values)
    }

    private static let chineseValues = [
        "left": "左", "right": "右", "fast": "快", "slow": "慢", "off": "暂时关闭", "halved": "暂时只有一半帧率",
        "coarse": "画面暂时略显粗糙", "keys": "小画面暂时每隔几秒才更新一次，声音不受影响",
    ]

    private static let chinese: [FindingCode: (title: String, fix: String)] = [
        .pictureMissing: ("已有 {seconds} 秒没有收到画面。", "请检查编码器是否仍在推流，网络是否正常。"),
        .pictureDark: ("画面是黑的。", "请检查摄像头：镜头盖是否打开、电源是否接通、OBS 中的场景是否正确。"),
        .pictureFrozen: ("画面已有 {seconds} 秒没有变化。", "如果不是有意为之，请检查摄像头连接线，并在 OBS 中重新启动摄像头来源。"),
        .picturePortrait: ("您的画面是竖屏。", "它会占满手机屏幕；在电脑上两侧会有黑边。如需横屏，请转动摄像头。"),
        .pictureShape: (
            "您的画面尺寸 {width}×{height} 比例不常见。",
            "观众会看到黑边。请在 OBS → 设置 → 视频 → 输出分辨率中设为 1920×1080 或 1280×720。"
        ),
        .pictureInterlaced: (
            "您的画面是隔行扫描，运动画面会出现梳齿状条纹。", "请将摄像头设为逐行模式（1080p 而不是 1080i），或在 OBS 中为它启用反交错。"
        ),
        .resolutionLow: ("您的画面偏小：{width}×{height}。", "请在 OBS → 设置 → 视频 → 输出（缩放）分辨率中设为 1280×720 或更高。"),
        .resolutionHigh: (
            "您的画面 {width}×{height} 超过观众能收到的尺寸。", "请在 OBS → 设置 → 视频 → 输出（缩放）分辨率中设为 1920×1080，以节省上行带宽。"
        ),
        .resolutionOdd: (
            "您的画面 {width}×{height} 的像素数为奇数，边缘会丢失一行。",
            "请在 OBS → 设置 → 视频 → 输出（缩放）分辨率中设为偶数，例如 1280×720。"
        ),
        .keyframeInterval: (
            "您的关键帧间隔为 {interval}。",
            "请在 OBS → 设置 → 输出 → 直播 → 关键帧间隔（输出模式：高级）中设为 2 s。这样观众打开更快，您的原始画面也能直接传输。"
        ),
        .frameRateLow: ("每秒只收到 {rate} 帧画面，动作会卡顿。", "请在 OBS → 设置 → 视频 → 帧率中设为 30，并增加光线：光线暗时摄像头会降低帧率。"),
        .frameRateHigh: (
            "您每秒发送 {rate} 帧，观众只能看到 {limit} 帧。", "请在 OBS → 设置 → 视频 → 帧率中设为 {limit}，以减轻电脑和上行带宽的负担。"
        ),
        .framesIrregular: (
            "画面到达的时间不均匀，动作看起来不流畅。", "请使用固定帧率：在 OBS → 设置 → 视频 → 帧率中设置；在手机应用中请关闭“可变”或“自动”帧率。"
        ),
        .framesDropped: (
            "有 {percent} % 的画面丢失。", "OBS 窗口底部会显示原因：“网络”表示需要降低码率或改用网线，“编码”表示需要更快的预设或更小的画面。"
        ),
        .bFrames: ("B 帧会增加延迟，而本场直播要求最低延迟。", "请在 OBS → 设置 → 输出 → 直播中将最大 B 帧设为 0（或将微调设为 zerolatency）。"),
        .bitrateLow: (
            "您的视频码率 {kilobits} kbit/s 对 {width}×{height} 来说偏低，画面会模糊。",
            "如果上行带宽足够，请在 OBS → 设置 → 输出 → 视频码率中设为约 {better} kbit/s。"
        ),
        .bitrateHigh: (
            "您的视频码率 {kilobits} kbit/s 超过观众网络的承受能力。",
            "请在 OBS → 设置 → 输出 → 视频码率中设为不超过 {limit} kbit/s；超过此值将无法直接传输您的原始画面。"
        ),
        .bitrateBelowTarget: (
            "您的编码器设为 {target} kbit/s，实际收到 {kilobits}。",
            "如果画面卡顿，请在 OBS → 设置 → 输出中降低码率，或用网线代替 Wi-Fi。静止画面本来就需要较少码率。"
        ),
        .bitrateUnstable: (
            "您的码率忽高忽低。", "请在 OBS → 设置 → 输出 → 直播中将码率控制设为 CBR。如果已经是 CBR，则是网络不稳定：请用网线代替 Wi-Fi，或降低码率。"
        ),
        .uploadLate: (
            "您的推流晚到 {seconds} 秒：上行带宽跟不上。", "请在 OBS → 设置 → 输出中降低视频码率，用网线代替 Wi-Fi，或停止其他上传。"
        ),
        .clockDrift: (
            "您的编码器时钟偏{direction}，每小时 {perHour} 秒。", "请在各处使用同一音频采样率（OBS → 设置 → 音频和系统中均为 48 kHz），并重启编码器。"
        ),
        .audioMissing: ("您的推流中没有声音。", "请在 OBS → 设置 → 音频 → 麦克风/辅助音频中添加麦克风，并确认音轨 1 已推流。"),
        .audioSilent: ("您的推流没有声音。", "请检查麦克风是否打开、是否在 OBS 混音器中被静音：说话时音量条应当跳动。"),
        .audioClipping: ("您的声音过大，已经失真。", "请在 OBS 混音器中调低麦克风，使音量条不再变红，或调低调音台的增益。"),
        .audioMono: ("您的声音是单声道。", "说话没有问题。播放音乐时，请在 OBS → 设置 → 音频中将声道设为立体声。"),
        .audioOneSided: ("{deaf}声道没有声音。", "请在 OBS → 高级音频属性中为麦克风勾选单声道，或换一个输入口。"),
        .loudnessLow: ("您的声音偏小：{loudness} LUFS。", "请在 OBS 混音器中调高麦克风，或靠近麦克风；约 -16 LUFS 为宜。"),
        .machineOverloaded: (
            "本机负载过高：{names}{relief}。",
            "您的推流没有问题，缺少的会自动恢复。如果经常发生，请减小画面尺寸，或请管理员换用更快的服务器。"
        ),
        .loudnessHigh: ("您的声音偏大：{loudness} LUFS。", "请在 OBS 混音器中调低麦克风；约 -16 LUFS 为宜。"),
    ]
}
