// CLD2's header uses NULL and does not include what defines it.
#include <cstdio>

#include <cld2/public/compact_lang_det.h>
#include <cld2/public/encodings.h>

#include "CCLD2.h"

namespace {
// Answers for short texts too, instead of "unknown".
const int kBestEffort = 0x4000;
}

struct ccld2_guess ccld2_detect(const char *text, int32_t length, const char *hint) {
    CLD2::CLDHints hints = {nullptr, nullptr, CLD2::UNKNOWN_ENCODING, CLD2::UNKNOWN_LANGUAGE};
    if (hint != nullptr) hints.language_hint = CLD2::GetLanguageFromName(hint);
    CLD2::Language languages[3];
    int percents[3];
    double scores[3];
    int bytes = 0;
    bool is_reliable = false;
    const CLD2::Language best = CLD2::ExtDetectLanguageSummary(
        text, length, /* is_plain_text */ true, &hints, kBestEffort, languages, percents, scores, nullptr, &bytes,
        &is_reliable);
    struct ccld2_guess guess;
    guess.code = CLD2::LanguageCode(best);
    guess.percent = best == languages[0] ? percents[0] : 0;
    guess.is_reliable = is_reliable;
    return guess;
}
