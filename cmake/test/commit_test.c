/* The commit call: what is in the file, what is in the checksums, and what happens at limits. */
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "internal.h"
#include "walnut.h"

enum { SPANS_MAX = 3000, MEMORY_BYTES = 1 << 20 };

static uint8_t memory[MEMORY_BYTES];
static uint8_t content[MEMORY_BYTES];

static uint64_t address(const void *bytes) {
    return (uint64_t)(uintptr_t)bytes;
}

static walnut_span span(size_t from, size_t length) {
    return (walnut_span){address(memory + from), length};
}

static int new_file(void) {
    char name[] = "commit-test-XXXXXX";
    int fd = mkstemp(name);
    EXPECT_EQ(fd >= 0, 1);
    EXPECT_EQ(unlink(name), 0);
    return fd;
}

static void expect_content(int fd, int64_t offset, const uint8_t *bytes, size_t length) {
    EXPECT_EQ(walnut_read(fd, content, (int64_t)length, offset), length);
    EXPECT_EQ(memcmp(content, bytes, length), 0);
}

static int64_t write_spans(int fd, const walnut_span *spans, int32_t count, int64_t offset,
                           int32_t durability) {
    return walnut_commit(fd, spans, count, offset, NULL, 0, durability);
}

static void spans_follow_one_another(void) {
    for (int32_t durability = WALNUT_DURABLE_NONE; durability <= WALNUT_DURABLE_RANGE;
         durability++) {
        int fd = new_file();
        walnut_span spans[] = {span(0, 0), span(100, 1000), span(5, 0), span(9000, 4097),
                               span(7, 0)};
        EXPECT_EQ(write_spans(fd, spans, 5, 77, durability), 5097);
        expect_content(fd, 77, memory + 100, 1000);
        expect_content(fd, 1077, memory + 9000, 4097);
        EXPECT_EQ(walnut_size(fd), 77 + 5097);
        EXPECT_EQ(close(fd), 0);
    }
}

static void nothing_to_write(void) {
    int fd = new_file();
    walnut_span empty = span(0, 0);
    EXPECT_EQ(write_spans(fd, NULL, 0, 0, WALNUT_DURABLE_FILE), 0);
    EXPECT_EQ(write_spans(fd, &empty, 1, 10, WALNUT_DURABLE_RANGE), 0);
    EXPECT_EQ(walnut_size(fd), 0);
    EXPECT_EQ(close(fd), 0);
}

static void more_spans_than_one_call_takes(void) {
    static walnut_span spans[SPANS_MAX];
    int counts[] = {255, 256, 257, 512, 513, 1024, 1025, SPANS_MAX};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        int fd = new_file();
        for (int j = 0; j < counts[i]; j++) {
            spans[j] = span((size_t)j * 7, 7);
        }
        EXPECT_EQ(write_spans(fd, spans, counts[i], 0, WALNUT_DURABLE_RANGE), counts[i] * 7);
        expect_content(fd, 0, memory, (size_t)counts[i] * 7);
        EXPECT_EQ(close(fd), 0);
    }
}

static uint32_t sum(const uint8_t *salt, const uint8_t *first, size_t first_bytes,
                    const uint8_t *second, size_t second_bytes) {
    uint32_t state = crc32c_portable(~(uint32_t)0, salt, 16);
    state = crc32c_portable(state, first, first_bytes);
    return ~crc32c_portable(state, second, second_bytes);
}

static uint32_t stored(const uint8_t *at) {
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* A later checksum covers what an earlier one stored; a run of frames is one checksum. */
static void frames_are_chained(void) {
    uint8_t bytes[64];
    fill(bytes, sizeof bytes, 3);
    walnut_frame frames[] = {
        {address(bytes + 8), 20, address(bytes + 1), {1, 2, 3}},
        {address(bytes), 8, 0, {4, 5, 6}},
        {address(bytes + 40), 20, address(bytes + 33), {9, 9, 9}},
        {0, 0, address(bytes + 60), {7}},
    };
    walnut_span whole = {address(bytes), sizeof bytes};
    int fd = new_file();
    EXPECT_EQ(walnut_commit(fd, &whole, 1, 0, frames, 4, WALNUT_DURABLE_NONE), sizeof bytes);
    EXPECT_EQ(stored(bytes + 1), sum(frames[0].salt, bytes + 8, 20, bytes, 0));
    /* It was taken before the last one was stored inside its range's neighbour. */
    EXPECT_EQ(stored(bytes + 33), sum(frames[1].salt, bytes, 8, bytes + 40, 20));
    EXPECT_EQ(stored(bytes + 60), sum(frames[3].salt, bytes, 0, bytes, 0));
    expect_content(fd, 0, bytes, sizeof bytes);
    EXPECT_EQ(close(fd), 0);
}

/* A write that reaches the limit is short; what follows it has no room. */
static void size_limit_ends_in_efbig(void) {
    struct rlimit before;
    EXPECT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit limited = {10000, before.rlim_max};
    for (int32_t durability = WALNUT_DURABLE_NONE; durability <= WALNUT_DURABLE_RANGE;
         durability++) {
        int fd = new_file();
        walnut_span spans[] = {span(0, 6000), span(6000, 6000), span(12000, 100)};
        EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &limited), 0);
        EXPECT_EQ(write_spans(fd, spans, 3, 0, durability), -EFBIG);
        EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
        EXPECT_EQ(walnut_error_kind(EFBIG), WALNUT_KIND_FULL);
        EXPECT_EQ(walnut_size(fd), 10000);
        expect_content(fd, 0, memory, 10000);
        EXPECT_EQ(close(fd), 0);
    }
}

static void errors_are_returned(void) {
    walnut_span one = span(0, 10);
    EXPECT_EQ(write_spans(-1, &one, 1, 0, WALNUT_DURABLE_NONE), -EBADF);
    EXPECT_EQ(write_spans(-1, &one, 1, 0, WALNUT_DURABLE_RANGE), -EBADF);
    EXPECT_EQ(write_spans(-1, NULL, 0, 0, WALNUT_DURABLE_FILE), -EBADF);
    int fd = new_file();
    EXPECT_EQ(write_spans(fd, &one, 1, -1, WALNUT_DURABLE_RANGE), -EINVAL);
    EXPECT_EQ(close(fd), 0);
}

int main(void) {
    EXPECT_EQ(signal(SIGXFSZ, SIG_IGN) != SIG_ERR, 1);
    fill(memory, sizeof memory, 1);
    spans_follow_one_another();
    nothing_to_write();
    more_spans_than_one_call_takes();
    frames_are_chained();
    size_limit_ends_in_efbig();
    errors_are_returned();
    return 0;
}
