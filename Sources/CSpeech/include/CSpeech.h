// Recognisers that are opened while the program runs, where they are installed: none of their headers is needed to build.
#ifndef CSPEECH_H
#define CSPEECH_H
#include <stddef.h>
#include <stdint.h>

// Each returns NULL where all is well; else what is wrong, which stays valid until the next call of this thread.

// MARK: Moonshine, as the Python package moonshine-voice 0.0.73 has it. Its structures have changed between versions that
// call themselves the same, so the library's bytes are compared with known ones before it is opened.

typedef struct {
    const char *text;
    float start, end, confidence;
} speech_moonshine_word;

typedef struct {
    const char *text;
    const float *audio;
    size_t audio_count;
    float start, duration;
    uint64_t id;
    int8_t is_complete, is_updated, is_new, has_text_changed, have_speakers_changed;
    const void *speakers;
    uint64_t speaker_count;
    uint32_t latency;
    const speech_moonshine_word *words;
    uint64_t word_count;
} speech_moonshine_line;

typedef struct {
    const speech_moonshine_line *lines;
    uint64_t count;
} speech_moonshine_transcript;

typedef struct {
    const char *name, *value;
} speech_moonshine_option;

typedef struct {
    const char *(*error_text)(int32_t);
    int32_t (*load)(const char *folder, uint32_t model, const speech_moonshine_option *options, uint64_t count, int32_t header);
    void (*unload)(int32_t transcriber);
    int32_t (*create_stream)(int32_t transcriber, uint32_t flags);
    int32_t (*free_stream)(int32_t transcriber, int32_t stream);
    int32_t (*start_stream)(int32_t transcriber, int32_t stream);
    int32_t (*stop_stream)(int32_t transcriber, int32_t stream);
    int32_t (*add_audio)(int32_t transcriber, int32_t stream, const float *samples, uint64_t count, int32_t rate, uint32_t flags);
    int32_t (*transcribe)(int32_t transcriber, int32_t stream, uint32_t flags, const speech_moonshine_transcript **result);
} speech_moonshine;

const char *speech_moonshine_open(const char *path, speech_moonshine *library);

// MARK: PocketSphinx 5prealpha, Debian 12's.

typedef struct {
    void *(*arguments)(void);
    void *(*settings)(void *, const void *, int32_t, ...);
    int (*free_settings)(void *);
    void *(*make)(void *settings);
    int (*release)(void *decoder);
    int (*start)(void *decoder);
    int (*process)(void *decoder, const int16_t *samples, size_t count, int no_search, int is_whole);
    int (*end)(void *decoder);
    const char *(*hypothesis)(void *decoder, int32_t *score);
    void *(*words)(void *decoder);
    void *(*next)(void *word);
    const char *(*text)(void *word);
    void (*frames)(void *word, int *first, int *last);
    void (*log_to)(void *file);
} speech_sphinx;

const char *speech_sphinx_open(speech_sphinx *library);

// A decoder; NULL where the model cannot be had.
void *speech_sphinx_decoder(const speech_sphinx *library, const char *acoustics, const char *words, const char *dictionary);

// MARK: This process

// Gives way to all others, before any thread has been started: a batch job, ten steps nicer, and the first to go where memory
// is short.
void speech_step_back(void);

#endif
