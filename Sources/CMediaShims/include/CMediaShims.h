// What C macros and variadic functions say, and Swift cannot see.
#ifndef CMEDIASHIMS_H
#define CMEDIASHIMS_H
#include <stdint.h>

extern const int64_t shim_av_nopts_value;
extern const int32_t shim_averror_eof;
extern const int32_t shim_averror_eagain;
extern const int32_t shim_averror_invaliddata;

// The text of an av error code, into `text` of `size` bytes.
void shim_av_error_text(int32_t code, char *text, uintptr_t size);

// libav's own log: lines go to `line` (from any thread), or nowhere where it is null.
void shim_av_log_to(void (*line)(int32_t level, const char *text));

// x264_encoder_open is a macro that pastes the build number. `params` is an x264_param_t.
void *shim_x264_encoder_open(void *params);

// zimg_filter_graph_process with whole planes; Swift does not see the planes of zimg's buffers (anonymous structs).
int32_t shim_zimg_process(
    const void *graph, const void *const source[3], const int32_t source_strides[3], void *const target[3],
    const int32_t target_strides[3], void *scratch);

// At most 15 bytes are kept.
void shim_name_this_thread(const char *name);

// CPU time that the calling thread has used, in nanoseconds.
int64_t shim_thread_cpu_nanoseconds(void);

// glibc's mallopt: at most `arenas` heaps, however many threads there are; each gives back what is free at its end beyond
// `slack` bytes; blocks of `mapped` bytes and more are mapped on their own.
void shim_limit_heaps(int32_t arenas, int32_t slack, int32_t mapped);

// glibc's malloc_trim: pages that are free inside its heaps go back to the system, all but `slack` bytes at the end of the
// first one.
void shim_trim_heaps(int32_t slack);
#endif
