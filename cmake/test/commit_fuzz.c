/*
 * The commit call under libFuzzer: spans, frames and trouble are drawn from the input, and what is
 * in the file and in the checksums is compared with a reference that does one byte after another.
 * The linker leads the system's calls here, so that some fall short or are interrupted.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"
#include "fuzz.h"
#include "internal.h"
#include "walnut.h"

enum { MEMORY_BYTES = 5000, SPANS_MAX = 700, FRAMES_MAX = 12, FILE_BYTES_MAX = 200000 };

/* How a call of the system ends. */
enum trouble { NONE = 0, SHORT = 1, NOTHING = 2, INTERRUPTED = 3, NOT_NOW = 4, FAILED = 5 };

/* What the system did in one commit. */
static struct {
    struct input *input;
    int troubled;
    int error;  /* what the commit has to return; 0: none */
    int stalls; /* writes in a row that made no progress */
    int64_t written;
    int writes;
    int durable_writes;
    int syncs;
    int64_t written_at_sync;
} machine;

ssize_t __real_pwritev(int fd, const struct iovec *parts, int count, off_t offset);
ssize_t __wrap_pwritev(int fd, const struct iovec *parts, int count, off_t offset);
int __wrap_fdatasync(int fd);
long __wrap_syscall(long number, ...);

static enum trouble next_trouble(void) {
    return machine.troubled && draw(machine.input, 1) % 2 == 0
               ? (enum trouble)(draw(machine.input, 1) % 6)
               : NONE;
}

static int failing(int error) {
    errno = error;
    return -1;
}

/* From a call that syncs too, whatever it is. */
static int fatal(int error) {
    EXPECT_EQ(machine.error, 0);
    machine.error = error;
    return failing(error);
}

/* The second in a row ends a commit. */
static void stall(void) {
    machine.stalls++;
    machine.error = machine.stalls == 2 ? EIO : 0;
}

/* How a write ends that writes nothing. */
static ssize_t write_nothing(enum trouble trouble, int durable) {
    if (trouble == NOTHING) {
        stall();
        return 0;
    }
    if (trouble == FAILED) {
        return fatal(EFBIG);
    }
    int error = trouble == INTERRUPTED ? EINTR : EAGAIN;
    if (durable) {
        return fatal(error);
    }
    if (trouble == NOT_NOW) {
        stall();
    }
    return failing(error);
}

/* Writes what the trouble lets through of the parts, whole parts and the start of one. */
static ssize_t write_some(int fd, const struct iovec *parts, int count, off_t offset, int durable) {
    EXPECT_EQ(machine.error, 0);
    enum trouble trouble = next_trouble();
    machine.writes++;
    if (trouble > SHORT) {
        return write_nothing(trouble, durable);
    }
    size_t left = trouble == SHORT ? draw(machine.input, 2) % 2000 : SIZE_MAX;
    ssize_t written = 0;
    for (int i = 0; i < count && left > 0; i++) {
        struct iovec part = parts[i];
        part.iov_len = part.iov_len < left ? part.iov_len : left;
        EXPECT_EQ(__real_pwritev(fd, &part, 1, offset + written), part.iov_len);
        written += (ssize_t)part.iov_len;
        left -= part.iov_len;
    }
    machine.written += written;
    if (written > 0) {
        machine.stalls = 0;
    } else {
        stall();
    }
    return written;
}

ssize_t __wrap_pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
    return write_some(fd, parts, count, offset, 0);
}

int __wrap_fdatasync(int fd) {
    EXPECT_EQ(fd >= 0, 1);
    machine.syncs++;
    machine.written_at_sync = machine.written;
    return next_trouble() == NONE ? 0 : fatal(EINTR);
}

long __wrap_syscall(long number, ...) {
    EXPECT_EQ(number, SYS_pwritev2);
    long arguments[4];
    va_list list;
    va_start(list, number);
    for (int i = 0; i < 4; i++) {
        arguments[i] = va_arg(list, long);
    }
    va_end(list);
    machine.durable_writes++;
    return write_some((int)arguments[0], (const struct iovec *)arguments[1], (int)arguments[2],
                      arguments[3], 1);
}

/* What is given to the call, and what should come of it. */
struct plan {
    uint8_t *memory;   /* of MEMORY_BYTES, to the byte, so that the sanitizer sees its ends */
    uint8_t *expected; /* the same behind all checksums */
    walnut_span spans[SPANS_MAX];
    walnut_frame frames[FRAMES_MAX];
    int32_t span_count;
    int32_t frame_count;
    int64_t total;
};

static uint64_t address(const uint8_t *bytes) {
    return (uint64_t)(uintptr_t)bytes;
}

/* A range of the memory: half of them short, some of them up to its last byte. */
static void draw_range(struct input *input, size_t *from, size_t *length) {
    *from = draw(input, 2) % (MEMORY_BYTES + 1);
    size_t drawn = draw(input, 2);
    *length = drawn % 2 == 0 ? drawn / 2 % 64 : drawn / 2;
    if (*length > MEMORY_BYTES - *from) {
        *length = MEMORY_BYTES - *from;
    }
}

static void draw_spans(struct input *input, struct plan *plan) {
    int few = draw(input, 1) % 4 != 0;
    plan->span_count = (int32_t)(draw(input, 2) % (few ? 8 : SPANS_MAX + 1));
    plan->total = 0;
    for (int32_t i = 0; i < plan->span_count; i++) {
        size_t from;
        size_t length;
        draw_range(input, &from, &length);
        if (plan->total + (int64_t)length > FILE_BYTES_MAX) {
            length = 0;
        }
        plan->spans[i] = (walnut_span){address(plan->memory + from), length};
        plan->total += (int64_t)length;
    }
}

/* Draws frames and does at once to `expected` what they ask for. */
static void draw_frames(struct input *input, struct plan *plan) {
    plan->frame_count = (int32_t)(draw(input, 1) % (FRAMES_MAX + 1));
    uint32_t state = 0;
    int starts = 1;
    for (int32_t i = 0; i < plan->frame_count; i++) {
        walnut_frame *frame = &plan->frames[i];
        size_t from;
        size_t length;
        draw_range(input, &from, &length);
        *frame = (walnut_frame){address(plan->memory + from), length, 0, {0}};
        for (size_t j = 0; j < sizeof frame->salt; j++) {
            frame->salt[j] = (uint8_t)draw(input, 1);
        }
        if (starts) {
            state = bit_by_bit(~(uint32_t)0, frame->salt, sizeof frame->salt);
        }
        state = bit_by_bit(state, plan->expected + from, length);
        starts = draw(input, 1) % 4 != 0;
        if (starts) {
            size_t store = draw(input, 2) % (MEMORY_BYTES - 3);
            frame->store = address(plan->memory + store);
            for (int j = 0; j < 4; j++) {
                plan->expected[store + (size_t)j] = (uint8_t)(~state >> (8 * j));
            }
        }
    }
}

static int64_t size_of(int fd) {
    return lseek(fd, 0, SEEK_END);
}

/* The bytes that were written are the plan's first; all else in the file is as it was: zero. */
static void expect_file(int fd, const struct plan *plan, int64_t offset) {
    static uint8_t content[FILE_BYTES_MAX + 1];
    int64_t size = machine.written == 0 ? 0 : offset + machine.written;
    EXPECT_EQ(size_of(fd), size);
    EXPECT_EQ(walnut_read(fd, content, sizeof content, offset), machine.written);
    int64_t at = 0;
    for (int32_t i = 0; i < plan->span_count && at < machine.written; i++) {
        size_t from = (size_t)(plan->spans[i].address - address(plan->memory));
        int64_t length = (int64_t)plan->spans[i].length;
        length = length < machine.written - at ? length : machine.written - at;
        EXPECT_EQ(memcmp(content + at, plan->expected + from, (size_t)length), 0);
        at += length;
    }
    EXPECT_EQ(at, machine.written);
    int64_t before = offset < FILE_BYTES_MAX ? offset : FILE_BYTES_MAX;
    before = before < size ? before : size;
    EXPECT_EQ(walnut_read(fd, content, before, 0), before);
    for (int64_t i = 0; i < before; i++) {
        EXPECT_EQ(content[i], 0);
    }
}

/* Success means that all was written and, if asked for, that a sync came behind the last byte. */
static void expect_result(const struct plan *plan, int32_t durability, int64_t result) {
    EXPECT_EQ(machine.syncs <= 1, 1);
    if (result >= 0) {
        EXPECT_EQ(result, plan->total);
        EXPECT_EQ(machine.written, plan->total);
        int all_durable = durability == WALNUT_DURABLE_RANGE &&
                          machine.durable_writes == machine.writes && machine.syncs == 0;
        int synced = machine.syncs == 1 && machine.written_at_sync == plan->total;
        EXPECT_EQ(durability == WALNUT_DURABLE_NONE ? machine.syncs == 0 : all_durable || synced,
                  1);
    }
    EXPECT_EQ(result < 0 ? -result : 0, machine.error);
}

static int scratch_file(void) {
    static int fd = -1;
    if (fd < 0) {
        char name[] = "commit-fuzz-XXXXXX";
        fd = mkstemp(name);
        EXPECT_EQ(fd >= 0, 1);
        EXPECT_EQ(unlink(name), 0);
    }
    EXPECT_EQ(ftruncate(fd, 0), 0);
    return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct plan plan;
    struct input input = {data, size, 1};
    input.state = draw(&input, 2) + 1;
    plan.memory = malloc(MEMORY_BYTES);
    plan.expected = malloc(MEMORY_BYTES);
    fill(plan.memory, MEMORY_BYTES, draw(&input, 1));
    memcpy(plan.expected, plan.memory, MEMORY_BYTES);
    memset(&machine, 0, sizeof machine);
    int32_t durability = (int32_t)(draw(&input, 1) % 3);
    int64_t offset = draw(&input, 1) % 8 == 0 ? -1 : (int64_t)draw(&input, 2);
    machine.troubled = draw(&input, 1) % 2;
    draw_spans(&input, &plan);
    draw_frames(&input, &plan);
    machine.input = &input;
    int fd = scratch_file();

    int64_t result = walnut_commit(fd, plan.spans, plan.span_count, offset, plan.frames,
                                   plan.frame_count, durability);

    if (offset < 0) {
        EXPECT_EQ(result, -EINVAL);
        EXPECT_EQ(size_of(fd), 0);
    } else {
        EXPECT_EQ(memcmp(plan.memory, plan.expected, MEMORY_BYTES), 0);
        expect_result(&plan, durability, result);
        expect_file(fd, &plan, offset);
    }
    free(plan.memory);
    free(plan.expected);
    return 0;
}
