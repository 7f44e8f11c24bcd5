#define _GNU_SOURCE
#include "CSpeech.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

_Static_assert(sizeof(speech_moonshine_word) == 24, "as libmoonshine 0.0.73 has it");
_Static_assert(sizeof(speech_moonshine_line) == 88, "as libmoonshine 0.0.73 has it");
_Static_assert(sizeof(speech_moonshine_transcript) == 16, "as libmoonshine 0.0.73 has it");

typedef struct {
    const char *name;
    void **place;
} symbol;

// What cannot be found is named by dlerror().
static const char *find(void *library, const symbol *symbols, size_t count) {
    for (size_t i = 0; i < count; i++) {
        *symbols[i].place = dlsym(library, symbols[i].name);
        if (*symbols[i].place == NULL) return dlerror();
    }
    return NULL;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const char *speech_moonshine_open(const char *path, speech_moonshine *library) {
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) return dlerror();
    const symbol symbols[] = {
        {"moonshine_error_to_string", (void **)&library->error_text},
        {"moonshine_load_transcriber_from_files", (void **)&library->load},
        {"moonshine_free_transcriber", (void **)&library->unload},
        {"moonshine_create_stream", (void **)&library->create_stream},
        {"moonshine_free_stream", (void **)&library->free_stream},
        {"moonshine_start_stream", (void **)&library->start_stream},
        {"moonshine_stop_stream", (void **)&library->stop_stream},
        {"moonshine_transcribe_add_audio_to_stream", (void **)&library->add_audio},
        {"moonshine_transcribe_stream", (void **)&library->transcribe},
    };
    return find(handle, symbols, COUNT(symbols));
}

const char *speech_sphinx_open(speech_sphinx *library) {
    void *base = dlopen("libsphinxbase.so.3", RTLD_NOW | RTLD_LOCAL);
    if (base == NULL) return dlerror();
    void *handle = dlopen("libpocketsphinx.so.3", RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) return dlerror();
    const symbol base_symbols[] = {
        {"cmd_ln_init", (void **)&library->settings},
        {"cmd_ln_free_r", (void **)&library->free_settings},
        {"err_set_logfp", (void **)&library->log_to},
    };
    const symbol symbols[] = {
        {"ps_args", (void **)&library->arguments},   {"ps_init", (void **)&library->make},
        {"ps_free", (void **)&library->release},        {"ps_start_utt", (void **)&library->start},
        {"ps_process_raw", (void **)&library->process}, {"ps_end_utt", (void **)&library->end},
        {"ps_get_hyp", (void **)&library->hypothesis},  {"ps_seg_iter", (void **)&library->words},
        {"ps_seg_next", (void **)&library->next},    {"ps_seg_word", (void **)&library->text},
        {"ps_seg_frames", (void **)&library->frames},
    };
    const char *fault = find(base, base_symbols, COUNT(base_symbols));
    return fault != NULL ? fault : find(handle, symbols, COUNT(symbols));
}

void *speech_sphinx_decoder(const speech_sphinx *library, const char *acoustics, const char *words, const char *dictionary) {
    library->log_to(NULL);
    // Silence stays in: with it taken out, the places of words would be told without it.
    void *settings = library->settings(
        NULL, library->arguments(), 1, "-hmm", acoustics, "-lm", words, "-dict", dictionary, "-remove_silence", "no",
        "-logfn", "/dev/null", NULL);
    if (settings == NULL) return NULL;
    void *decoder = library->make(settings);
    library->free_settings(settings);
    return decoder;
}

void speech_step_back(void) {
    setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + 10);
    struct sched_param none;
    memset(&none, 0, sizeof none);
    // Where that is not allowed, niceness has to do. Who is idle already stays so.
    if (sched_getscheduler(0) == SCHED_OTHER) sched_setscheduler(0, SCHED_BATCH, &none);
    int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (file < 0) return;
    if (write(file, "500", 3) < 0) { /* then the kernel chooses */ }
    close(file);
}
