#define _GNU_SOURCE
#include "CMediaShims.h"
#include <errno.h>
#include <libavutil/avutil.h>
#include <libavutil/error.h>
#include <libavutil/log.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <x264.h>
#include <zimg.h>

const int64_t shim_av_nopts_value = AV_NOPTS_VALUE;
const int32_t shim_averror_eof = AVERROR_EOF;
const int32_t shim_averror_eagain = AVERROR(EAGAIN);
const int32_t shim_averror_invaliddata = AVERROR_INVALIDDATA;

void shim_av_error_text(int32_t code, char *text, uintptr_t size) {
    if (av_strerror(code, text, size) < 0) snprintf(text, size, "error %d", code);
}

static void (*volatile line_taker)(int32_t, const char *);

static void take_line(void *context, int level, const char *format, va_list arguments) {
    void (*taker)(int32_t, const char *) = line_taker;
    if (!taker || level > av_log_get_level()) return;
    char line[512];
    int prefix = 1;
    av_log_format_line2(context, level, format, arguments, line, sizeof line, &prefix);
    size_t length = strlen(line);
    while (length > 0 && line[length - 1] == '\n') line[--length] = 0;
    if (length > 0) taker(level, line);
}

void shim_av_log_to(void (*line)(int32_t level, const char *text)) {
    line_taker = line;
    av_log_set_callback(take_line);
    av_log_set_level(line ? AV_LOG_WARNING : AV_LOG_QUIET);
}

void *shim_x264_encoder_open(void *params) { return x264_encoder_open((x264_param_t *)params); }

int32_t shim_zimg_process(
    const void *graph, const void *const source[3], const int32_t source_strides[3], void *const target[3],
    const int32_t target_strides[3], void *scratch) {
    zimg_image_buffer_const from = {ZIMG_API_VERSION};
    zimg_image_buffer to = {ZIMG_API_VERSION};
    for (int i = 0; i < 3; i++) {
        from.plane[i].data = source[i];
        from.plane[i].stride = source_strides[i];
        from.plane[i].mask = ZIMG_BUFFER_MAX;
        to.plane[i].data = target[i];
        to.plane[i].stride = target_strides[i];
        to.plane[i].mask = ZIMG_BUFFER_MAX;
    }
    return zimg_filter_graph_process((const zimg_filter_graph *)graph, &from, &to, scratch, 0, 0, 0, 0);
}

void shim_name_this_thread(const char *name) {
    char kept[16];
    strncpy(kept, name, 15);
    kept[15] = 0;
    pthread_setname_np(pthread_self(), kept);
}

int64_t shim_thread_cpu_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void shim_limit_heaps(int32_t arenas, int32_t slack, int32_t mapped) {
#ifdef __GLIBC__
    mallopt(M_ARENA_MAX, arenas);
    mallopt(M_TRIM_THRESHOLD, slack);
    mallopt(M_MMAP_THRESHOLD, mapped);
#endif
}

void shim_trim_heaps(int32_t slack) {
#ifdef __GLIBC__
    malloc_trim(slack);
#endif
}
