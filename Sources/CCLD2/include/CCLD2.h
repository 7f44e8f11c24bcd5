// The language of a text, by Debian's CLD2 (C++), for Swift.
#ifndef CCLD2_H
#define CCLD2_H
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ccld2_guess {
    // CLD2's own code of the language ("en", "zh", "zh-Hant", "iw"); it lives as long as the process. "un": unknown.
    const char *code;
    // Of the text's letters that are in it, 0 to 100.
    int32_t percent;
    // Whether CLD2 would stand by it.
    bool is_reliable;
};

// The likeliest language of `length` bytes of UTF-8, for short texts too. `hint`: a BCP 47 code that is more likely than
// others, or null. Reads memory only, from any thread.
struct ccld2_guess ccld2_detect(const char *text, int32_t length, const char *hint);

#ifdef __cplusplus
}
#endif
#endif
