/*
 * What the commit call makes of writes that fall short or are interrupted, and of syncs that fail.
 * The linker leads its system calls here, and a script says how each of them ends.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"
#include "internal.h"
#include "walnut.h"

enum { MEMORY_BYTES = 100000, SCRIPT_MAX = 16 };

/* Steps of a script: below 0, the error; from 0 on, the bytes at most. */
enum { ALL = 1 << 30, ALL_BUT_ONE = 1 << 29, HALF = 1 << 28 };

static uint8_t memory[MEMORY_BYTES];
static uint8_t content[MEMORY_BYTES];

static int64_t script[SCRIPT_MAX];
static int script_length;
static int calls;
static int durable_calls;
static int sync_calls;
static int sync_error;

ssize_t __wrap_pwritev(int fd, const struct iovec *parts, int count, off_t offset);
int __wrap_fdatasync(int fd);
int __wrap_fsync(int fd);
long __wrap_syscall(long number, ...);
long __real_syscall(long number, ...);

static int64_t total(const struct iovec *parts, int count) {
    int64_t bytes = 0;
    for (int i = 0; i < count; i++) {
        bytes += (int64_t)parts[i].iov_len;
    }
    return bytes;
}

/* The bytes that this call may write, or a negative error. Behind its end a script stays there. */
static int64_t allowed(int64_t bytes) {
    int64_t step = script[calls < script_length ? calls : script_length - 1];
    calls++;
    switch (step) {
    case ALL_BUT_ONE:
        return bytes > 1 ? bytes - 1 : bytes;
    case HALF:
        return bytes > 1 ? bytes / 2 : bytes;
    default:
        return step < bytes ? step : bytes;
    }
}

static ssize_t write_as_told(int fd, const struct iovec *parts, int count, off_t offset) {
    int64_t left = allowed(total(parts, count));
    if (left < 0) {
        errno = (int)-left;
        return -1;
    }
    ssize_t written = 0;
    for (int i = 0; i < count && left > 0; i++) {
        size_t length = parts[i].iov_len < (size_t)left ? parts[i].iov_len : (size_t)left;
        EXPECT_EQ(pwrite(fd, parts[i].iov_base, length, offset + written), length);
        written += (ssize_t)length;
        left -= (int64_t)length;
    }
    return written;
}

ssize_t __wrap_pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
    return write_as_told(fd, parts, count, offset);
}

static int sync_as_told(void) {
    sync_calls++;
    errno = sync_error;
    return sync_error == 0 ? 0 : -1;
}

int __wrap_fdatasync(int fd) {
    EXPECT_EQ(fd >= 0, 1);
    return sync_as_told();
}

int __wrap_fsync(int fd) {
    EXPECT_EQ(fd >= 0, 1);
    return sync_as_told();
}

long __wrap_syscall(long number, ...) {
    long arguments[6];
    va_list list;
    va_start(list, number);
    for (int i = 0; i < 6; i++) {
        arguments[i] = va_arg(list, long);
    }
    va_end(list);
    if (number == SYS_pwritev2) {
        durable_calls++;
        return write_as_told((int)arguments[0], (const struct iovec *)arguments[1],
                             (int)arguments[2], arguments[3]);
    }
    return __real_syscall(number, arguments[0], arguments[1], arguments[2], arguments[3],
                          arguments[4], arguments[5]);
}

static int new_file(void) {
    char name[] = "trouble-test-XXXXXX";
    int fd = mkstemp(name);
    EXPECT_EQ(fd >= 0, 1);
    EXPECT_EQ(unlink(name), 0);
    return fd;
}

static void plan(const int64_t *steps, size_t count) {
    memcpy(script, steps, count * sizeof *steps);
    script_length = (int)count;
    calls = 0;
    durable_calls = 0;
    sync_calls = 0;
    sync_error = 0;
}

#define PLAN(...)                                                                                  \
    do {                                                                                           \
        int64_t steps[] = {__VA_ARGS__};                                                           \
        plan(steps, sizeof steps / sizeof *steps);                                                 \
    } while (0)

/* Three spans, an empty one among them, from offset 7 on. */
static int64_t commit(int fd, int32_t durability) {
    uint64_t from = (uint64_t)(uintptr_t)memory;
    walnut_span spans[] = {{from, 30000}, {from, 0}, {from + 30000, 1}, {from + 30001, 69999}};
    return walnut_commit(fd, spans, 4, 7, NULL, 0, durability);
}

static void expect_all(int fd) {
    memset(content, 0, sizeof content);
    EXPECT_EQ(pread(fd, content, sizeof content, 7), sizeof content);
    EXPECT_EQ(memcmp(content, memory, sizeof content), 0);
    EXPECT_EQ(walnut_size(fd), 7 + MEMORY_BYTES);
}

static void expect_success(int32_t durability) {
    int fd = new_file();
    EXPECT_EQ(commit(fd, durability), MEMORY_BYTES);
    expect_all(fd);
    EXPECT_EQ(close(fd), 0);
}

static void expect_error(int32_t durability, int64_t error) {
    int fd = new_file();
    EXPECT_EQ(commit(fd, durability), error);
    EXPECT_EQ(close(fd), 0);
}

static void fault07_short_writes_are_continued(void) {
    for (int32_t durability = WALNUT_DURABLE_NONE; durability <= WALNUT_DURABLE_RANGE;
         durability++) {
        PLAN(1, ALL);
        expect_success(durability);
        PLAN(HALF);
        expect_success(durability);
        PLAN(ALL_BUT_ONE);
        expect_success(durability);
        PLAN(30000, 1, 1, ALL);
        expect_success(durability);
        PLAN(0, 1, 0, HALF, 0, ALL);
        expect_success(durability);
        EXPECT_EQ(sync_calls, durability == WALNUT_DURABLE_FILE);
        EXPECT_EQ(durable_calls, durability == WALNUT_DURABLE_RANGE ? 6 : 0);
    }
}

static void fault07_no_progress_twice_is_an_error(void) {
    for (int32_t durability = WALNUT_DURABLE_NONE; durability <= WALNUT_DURABLE_RANGE;
         durability++) {
        PLAN(0);
        expect_error(durability, -EIO);
        EXPECT_EQ(calls, 2);
        PLAN(100, 0, 100, 0, 0, ALL);
        expect_error(durability, -EIO);
        EXPECT_EQ(calls, 5);
        EXPECT_EQ(sync_calls, 0);
    }
}

static void fault08_interrupted_writes_are_continued(void) {
    PLAN(-EINTR, -EINTR, -EINTR, 100, -EINTR, HALF, -EINTR, ALL);
    expect_success(WALNUT_DURABLE_FILE);
    EXPECT_EQ(calls, 8);
    EXPECT_EQ(sync_calls, 1);
    PLAN(-EAGAIN, 100, -EAGAIN, ALL);
    expect_success(WALNUT_DURABLE_NONE);
    PLAN(-EAGAIN);
    expect_error(WALNUT_DURABLE_NONE, -EIO);
    EXPECT_EQ(calls, 2);
}

/* Whether the write or the sync was interrupted, nobody knows. */
static void fault08_interrupted_durable_write_is_an_error(void) {
    PLAN(-EINTR, ALL);
    expect_error(WALNUT_DURABLE_RANGE, -EINTR);
    EXPECT_EQ(calls, 1);
    PLAN(HALF, -EAGAIN, ALL);
    expect_error(WALNUT_DURABLE_RANGE, -EAGAIN);
    EXPECT_EQ(calls, 2);
}

static void fault10_failed_sync_is_returned_not_repeated(void) {
    int errors[] = {EINTR, EIO, EAGAIN, ENOSPC, EDQUOT};
    int fd = new_file();
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        PLAN(ALL);
        sync_error = errors[i];
        EXPECT_EQ(commit(fd, WALNUT_DURABLE_FILE), -errors[i]);
        EXPECT_EQ(sync_calls, 1);
        EXPECT_EQ(walnut_sync(fd), -errors[i]);
        EXPECT_EQ(sync_calls, 2);
        EXPECT_EQ(walnut_sync_directory(fd), -errors[i]);
        EXPECT_EQ(sync_calls, 3);
    }
    EXPECT_EQ(close(fd), 0);
}

static void old_kernel_syncs_behind_the_write(void) {
    int errors[] = {ENOSYS, EINVAL, EOPNOTSUPP};
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        PLAN(-errors[i], ALL);
        expect_success(WALNUT_DURABLE_RANGE);
        EXPECT_EQ(durable_calls, 1);
        EXPECT_EQ(sync_calls, 1);
    }
}

int main(void) {
    fill(memory, sizeof memory, 1);
    fault07_short_writes_are_continued();
    fault07_no_progress_twice_is_an_error();
    fault08_interrupted_writes_are_continued();
    fault08_interrupted_durable_write_is_an_error();
    fault10_failed_sync_is_returned_not_repeated();
    old_kernel_syncs_behind_the_write();
    return 0;
}
