// A crowd of WebSocket readers in one thread, and those who write to them: for Tests/Benchmarks/chat.sh.
// Each message carries the time at which it was sent (`@T` and sixteen hexadecimal digits, nanoseconds), which every reader
// looks for. The server's CPU is read from /proc around the very run, so starting and connecting are not in it.
//
// usage: crowd shopcast|nchan PORT PID readers=N rate=R seconds=S [slow=PERCENT] [writers=W] [hold=S] [even=1] [path=P]
// One line of results: name=value pairs.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum kind { READER, SLOW, WRITER, POSTER };
enum phase { CONNECTING, SHAKING, OPEN, GONE };

struct line {
    int fd;
    uint8_t kind, phase;
    // Of the frame that is being read: its head's bytes, and content still to come.
    uint8_t head[10], have;
    uint8_t opcode;
    uint64_t left;
    // The end of what was read, where a mark may have begun.
    uint8_t carry[18], carried;
};

static struct line *lines;
static int count, epoll, port, opened, failed;
static const char *path = "/ws/shows/show";
static int is_nchan;
static uint32_t *delays;
static uint64_t delivered, frames, sent, acked, refused, delay_room;

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void die(const char *format, ...) {
    va_list list;
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
    exit(1);
}

// MARK: Sending

static void put(struct line *line, const char *bytes, size_t length) {
    ssize_t n = send(line->fd, bytes, length, MSG_NOSIGNAL);
    if (n != (ssize_t)length) {
        if (line->kind == WRITER || line->kind == POSTER) die("a writer's line broke: %s", strerror(errno));
        line->phase = GONE;
        failed++;
    }
}

static void put_frame(struct line *line, uint8_t opcode, const char *text) {
    size_t length = strlen(text);
    char bytes[2048];
    if (length > sizeof bytes - 16) die("a message is too long");
    size_t at = 0;
    bytes[at++] = (char)(0x80 | opcode);
    if (length < 126) {
        bytes[at++] = (char)(0x80 | length);
    } else {
        bytes[at++] = (char)(0x80 | 126);
        bytes[at++] = (char)(length >> 8);
        bytes[at++] = (char)(length & 0xFF);
    }
    // A mask of zeros is a mask.
    for (int i = 0; i < 4; i++) bytes[at++] = 0;
    memcpy(bytes + at, text, length);
    put(line, bytes, at + length);
}

static void shake(struct line *line) {
    char head[512];
    snprintf(head, sizeof head,
             "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", path, port);
    line->phase = line->kind == POSTER ? OPEN : SHAKING;
    if (line->kind == POSTER) opened++; else put(line, head, strlen(head));
}

static void greet(struct line *line) {
    line->phase = OPEN;
    opened++;
    if (!is_nchan) {
        put_frame(line, 1, "{\"type\":\"hello\",\"v\":1,\"language\":\"en\"}");
        if (line->kind == WRITER) {
            char name[64];
            snprintf(name, sizeof name, "{\"type\":\"name\",\"name\":\"Writer %d\"}", (int)(line - lines));
            put_frame(line, 1, name);
        }
    }
    if (line->kind == SLOW) epoll_ctl(epoll, EPOLL_CTL_DEL, line->fd, NULL);
}

static void publish(struct line *line) {
    static const char *words = "Does the blue one come in size M, and how long does shipping to Mexico take?";
    char text[1024];
    sent++;
    if (!is_nchan) {
        snprintf(text, sizeof text, "{\"type\":\"send\",\"id\":\"m%llu\",\"text\":\"%llu %s @T%016llx\"}",
                 (unsigned long long)sent, (unsigned long long)sent, words, (unsigned long long)now());
        put_frame(line, 1, text);
        return;
    }
    // What Shopcast would send for it, byte for byte but the values.
    int length = snprintf(
        text, sizeof text,
        "[{\"type\":\"message\",\"seq\":%llu,\"id\":\"m0123456789abcdef\",\"at\":\"2026-11-30T20:00:00.000Z\","
        "\"author\":{\"id\":\"g_0123456789abcdef\",\"name\":\"Writer %d\"},\"text\":\"%llu %s @T%016llx\","
        "\"language\":\"en\",\"question\":true}]",
        (unsigned long long)sent, (int)(line - lines), (unsigned long long)sent, words, (unsigned long long)now());
    char request[1400];
    int all = snprintf(request, sizeof request,
                       "POST /pub HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
                       length, text);
    put(line, request, (size_t)all);
}

// MARK: Receiving

static int hex(const uint8_t *at, uint64_t *value) {
    *value = 0;
    for (int i = 0; i < 16; i++) {
        uint8_t c = at[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (digit < 0) return 0;
        *value = *value << 4 | (uint64_t)digit;
    }
    return 1;
}

// Counts the marks in what has come, behind what was left over before.
static void look(struct line *line, const uint8_t *bytes, size_t length, uint64_t at) {
    static uint8_t joined[65536 + 18];
    memcpy(joined, line->carry, line->carried);
    memcpy(joined + line->carried, bytes, length);
    size_t all = line->carried + length, from = 0;
    for (;;) {
        uint8_t *mark = memmem(joined + from, all - from, "@T", 2);
        if (!mark || all - (size_t)(mark - joined) < 18) break;
        uint64_t then;
        if (hex(mark + 2, &then)) {
            if (line->kind == READER) {
                if (delivered < delay_room) delays[delivered] = (uint32_t)((at - then) / 1000);
                delivered++;
            }
            from = (size_t)(mark - joined) + 18;
        } else {
            from = (size_t)(mark - joined) + 2;
        }
    }
    size_t rest = all - from;
    if (rest > 17) { from = all - 17; rest = 17; }
    memcpy(line->carry, joined + from, rest);
    line->carried = (uint8_t)rest;
}

static void feed(struct line *line, const uint8_t *bytes, size_t length, uint64_t at) {
    size_t i = 0;
    while (i < length) {
        if (line->left == 0) {
            line->head[line->have++] = bytes[i++];
            if (line->have < 2) continue;
            uint8_t short_length = line->head[1] & 0x7F;
            uint8_t needed = short_length < 126 ? 2 : short_length == 126 ? 4 : 10;
            if (line->have < needed) continue;
            uint64_t size = 0;
            if (needed == 2) size = short_length;
            for (int k = 2; k < needed; k++) size = size << 8 | line->head[k];
            line->opcode = line->head[0] & 0x0F;
            line->have = 0;
            line->left = size;
            if (line->opcode == 9) put_frame(line, 10, "");
            if (line->opcode == 8) { line->phase = GONE; failed++; return; }
            if (line->opcode <= 2 && line->kind == READER) frames++;
            continue;
        }
        size_t part = length - i < line->left ? length - i : (size_t)line->left;
        if (line->opcode <= 2) look(line, bytes + i, part, at);
        line->left -= part;
        i += part;
    }
}

static void count_answers(const char *bytes, size_t length) {
    static int told;
    const char *end = bytes + length;
    for (const char *at = bytes; (at = memmem(at, (size_t)(end - at), "\"type\":\"ack\"", 12)); at += 12) acked++;
    for (const char *at = bytes; (at = memmem(at, (size_t)(end - at), "\"type\":\"refused\"", 16)); at += 16) {
        refused++;
        if (!told) fprintf(stderr, "refused: %.*s\n", (int)(end - at < 200 ? end - at : 200), at);
        told = 1;
    }
}

static void take(struct line *line) {
    static uint8_t buffer[65536];
    ssize_t n = recv(line->fd, buffer, sizeof buffer, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) {
        if (line->phase != GONE) failed++;
        line->phase = GONE;
        epoll_ctl(epoll, EPOLL_CTL_DEL, line->fd, NULL);
        return;
    }
    if (line->kind == POSTER) {
        for (uint8_t *at = buffer; (at = memmem(at, (size_t)(buffer + n - at), "HTTP/1.1 20", 11)); at += 11) acked++;
        return;
    }
    if (line->phase == SHAKING) {
        uint8_t *end = memmem(buffer, (size_t)n, "\r\n\r\n", 4);
        if (!end || memcmp(buffer, "HTTP/1.1 101", 12)) die("no handshake: %.*s", (int)(n < 300 ? n : 300), buffer);
        greet(line);
        size_t rest = (size_t)(buffer + n - (end + 4));
        if (rest) feed(line, end + 4, rest, now());
        return;
    }
    if (line->kind == WRITER) count_answers((const char *)buffer, (size_t)n);
    feed(line, buffer, (size_t)n, now());
}

static void turn(int milliseconds) {
    static struct epoll_event events[512];
    int n = epoll_wait(epoll, events, 512, milliseconds);
    for (int i = 0; i < n; i++) {
        struct line *line = &lines[events[i].data.u32];
        if (line->phase == CONNECTING && events[i].events & (EPOLLOUT | EPOLLERR)) {
            int error = 0;
            socklen_t size = sizeof error;
            getsockopt(line->fd, SOL_SOCKET, SO_ERROR, &error, &size);
            if (error) die("cannot connect: %s", strerror(error));
            struct epoll_event event = {.events = EPOLLIN, .data.u32 = events[i].data.u32};
            epoll_ctl(epoll, EPOLL_CTL_MOD, line->fd, &event);
            shake(line);
        } else if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
            take(line);
        }
    }
}

static void start(int number, enum kind kind) {
    struct line *line = &lines[number];
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    line->kind = (uint8_t)kind;
    line->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (line->fd < 0) die("no socket: %s", strerror(errno));
    int one = 1;
    setsockopt(line->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(line->fd, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS)
        die("cannot connect: %s", strerror(errno));
    struct epoll_event event = {.events = EPOLLOUT, .data.u32 = (uint32_t)number};
    epoll_ctl(epoll, EPOLL_CTL_ADD, line->fd, &event);
}

// MARK: The server's figures

// Over all threads, nanoseconds; of the whole processes PID,PID.
static uint64_t cpu(const char *pids) {
    uint64_t sum = 0;
    char list[256];
    snprintf(list, sizeof list, "%s", pids);
    for (char *pid = strtok(list, ","); pid; pid = strtok(NULL, ",")) {
        char name[300];
        snprintf(name, sizeof name, "/proc/%s/task", pid);
        DIR *folder = opendir(name);
        if (!folder) die("no process %s", pid);
        struct dirent *entry;
        while ((entry = readdir(folder))) {
            if (entry->d_name[0] == '.') continue;
            snprintf(name, sizeof name, "/proc/%s/task/%s/schedstat", pid, entry->d_name);
            FILE *file = fopen(name, "r");
            unsigned long long spent = 0;
            if (file && fscanf(file, "%llu", &spent) == 1) sum += spent;
            if (file) fclose(file);
        }
        closedir(folder);
    }
    return sum;
}

static long resident(const char *pids) {
    long sum = 0;
    char list[256];
    snprintf(list, sizeof list, "%s", pids);
    for (char *pid = strtok(list, ","); pid; pid = strtok(NULL, ",")) {
        char name[64], row[256];
        snprintf(name, sizeof name, "/proc/%s/status", pid);
        FILE *file = fopen(name, "r");
        long kibibytes;
        while (file && fgets(row, sizeof row, file))
            if (sscanf(row, "VmRSS: %ld", &kibibytes) == 1) sum += kibibytes;
        if (file) fclose(file);
    }
    return sum;
}

static int by_size(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static double option(int argc, char **argv, const char *name, double otherwise) {
    size_t length = strlen(name);
    for (int i = 4; i < argc; i++)
        if (!strncmp(argv[i], name, length) && argv[i][length] == '=') return atof(argv[i] + length + 1);
    return otherwise;
}

int main(int argc, char **argv) {
    if (argc < 4) die("usage: crowd shopcast|nchan PORT PID name=value...");
    is_nchan = !strcmp(argv[1], "nchan");
    port = atoi(argv[2]);
    const char *pids = argv[3];
    int readers = (int)option(argc, argv, "readers", 2000), writers = (int)option(argc, argv, "writers", 20);
    double rate = option(argc, argv, "rate", 10), seconds = option(argc, argv, "seconds", 10);
    double hold = option(argc, argv, "hold", 0);
    int slow = (int)(readers * option(argc, argv, "slow", 0) / 100), is_even = (int)option(argc, argv, "even", 0);
    if (is_nchan) path = "/sub";
    for (int i = 4; i < argc; i++)
        if (!strncmp(argv[i], "path=", 5)) path = argv[i] + 5;

    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    count = readers + writers;
    lines = calloc((size_t)count, sizeof *lines);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    long before = resident(pids);
    uint64_t begin = now();
    for (int i = 0; i < count; i++) {
        enum kind kind = i < slow ? SLOW : i < readers ? READER : is_nchan ? POSTER : WRITER;
        start(i, kind);
        // Not more at once than a listener takes.
        while (i + 1 - opened > 128) turn(10);
        if (now() - begin > 120000000000u) die("only %d of %d connected", opened, count);
    }
    while (opened < count) {
        turn(10);
        if (now() - begin > 120000000000u) die("only %d of %d connected", opened, count);
    }
    double connecting = (double)(now() - begin) / 1e9;
    // What the beginning brings, with the messages of earlier rounds in it, is let go by: until nothing came for a while.
    uint64_t known = delivered;
    for (uint64_t end = now() + 1500000000u; now() < end; known = delivered) {
        turn(20);
        if (delivered != known) end = now() + 1500000000u;
    }
    long idle = resident(pids);
    if (hold > 0) {
        uint64_t spent = cpu(pids);
        for (uint64_t end = now() + (uint64_t)(hold * 1e9); now() < end;) turn(100);
        printf("server=%s readers=%d connect_s=%.1f rss_before_kib=%ld rss_kib=%ld per_reader_kib=%.2f "
               "idle_cpu_percent=%.2f gone=%d\n",
               argv[1], readers, connecting, before, resident(pids), (double)(resident(pids) - before) / readers,
               (double)(cpu(pids) - spent) / hold / 1e7, failed);
        return failed ? 1 : 0;
    }

    delay_room = (uint64_t)(rate * seconds * 1.3 + 100) * (uint64_t)(readers - slow);
    delays = malloc(delay_room * sizeof *delays);
    if (!delays) die("not enough memory for the delays");
    delivered = frames = 0;
    uint64_t spent = cpu(pids), from = now(), next = from;
    uint64_t end = from + (uint64_t)(seconds * 1e9);
    srand48(42);
    while (now() < end) {
        uint64_t moment = now();
        if (moment >= next) {
            publish(&lines[readers + (int)(sent % (uint64_t)writers)]);
            // People do not write at regular intervals; a metronome can be asked for.
            next += (uint64_t)((is_even ? 1 : -log(1 - drand48())) / rate * 1e9);
            continue;
        }
        turn((int)((next - moment) / 1000000));
    }
    uint64_t expected = sent * (uint64_t)(readers - slow);
    for (uint64_t last = now() + 3000000000u; now() < last && delivered < expected;) turn(20);
    spent = cpu(pids) - spent;
    uint64_t kept = delivered < delay_room ? delivered : delay_room;
    qsort(delays, kept, sizeof *delays, by_size);
    printf("server=%s readers=%d slow=%d rate=%.0f sent=%llu acked=%llu refused=%llu delivered=%llu expected=%llu "
           "frames=%llu cpu_us_per_delivery=%.3f cpu_us_per_frame=%.3f p50_ms=%.1f p99_ms=%.1f max_ms=%.1f "
           "rss_idle_kib=%ld rss_kib=%ld gone=%d\n",
           argv[1], readers, slow, rate, (unsigned long long)sent, (unsigned long long)acked,
           (unsigned long long)refused, (unsigned long long)delivered, (unsigned long long)expected,
           (unsigned long long)frames, delivered ? (double)spent / 1000 / (double)delivered : 0,
           frames ? (double)spent / 1000 / (double)frames : 0, kept ? delays[kept / 2] / 1000.0 : 0,
           kept ? delays[kept * 99 / 100] / 1000.0 : 0, kept ? delays[kept - 1] / 1000.0 : 0, idle, resident(pids),
           failed);
    return 0;
}
