/* The commit call: checksums, one write, one sync. */
#define _GNU_SOURCE

#include <errno.h>
#include <string.h>

#include "internal.h"
#include "walnut.h"

/* Enough to make calls few, and 4 KiB of stack. Systems take 1024. */
enum { PARTS_MAX = 256 };

/* Where a write has come to: the first span that is not done, and the bytes of it that are. */
struct progress {
    const walnut_span *spans;
    int32_t count;
    uint64_t skip;
};

static const uint8_t *bytes_at(uint64_t address) {
    return (const uint8_t *)(uintptr_t)address;
}

static void store(uint64_t address, uint32_t checksum) {
    uint8_t *target = (uint8_t *)(uintptr_t)address;
    for (int i = 0; i < 4; i++) {
        target[i] = (uint8_t)(checksum >> (8 * i));
    }
}

static void checksum_all(const walnut_frame *frames, int32_t count) {
    uint32_t state = 0;
    int starts = 1;
    for (int32_t i = 0; i < count; i++) {
        const walnut_frame *frame = &frames[i];
        if (starts) {
            state = crc32c(~(uint32_t)0, frame->salt, sizeof frame->salt);
        }
        state = crc32c(state, bytes_at(frame->address), (size_t)frame->length);
        starts = frame->store != 0;
        if (starts) {
            store(frame->store, ~state);
        }
    }
}

static void advance(struct progress *progress, uint64_t written) {
    progress->skip += written;
    while (progress->count > 0 && progress->skip >= progress->spans->length) {
        progress->skip -= progress->spans->length;
        progress->spans++;
        progress->count--;
    }
}

/* Fills `parts` with what comes next and returns how many were filled. */
static int next_parts(const struct progress *progress, struct iovec *parts) {
    int count = progress->count < PARTS_MAX ? progress->count : PARTS_MAX;
    uint64_t skip = progress->skip;
    for (int i = 0; i < count; i++) {
        const walnut_span *span = &progress->spans[i];
        parts[i].iov_base = (void *)(uintptr_t)(span->address + skip);
        parts[i].iov_len = (size_t)(span->length - skip);
        skip = 0;
    }
    return count;
}

/* Writes once, continuing only what was interrupted before it began. */
static int64_t write_once(int fd, const struct iovec *parts, int count, int64_t offset) {
    ssize_t written;
    do {
        written = pwritev(fd, parts, count, (off_t)offset);
    } while (written < 0 && errno == EINTR);
    return written < 0 ? -errno : written;
}

/*
 * Writes all spans. With `durable` set each call is to be durable too; it is cleared once the
 * system has no such call, and the caller must sync. "Not now" is a write without progress; from a
 * call that syncs too it may be the sync's, and is an error like any other.
 */
static int64_t write_all(int fd, struct progress progress, int64_t offset, int *durable) {
    struct iovec parts[PARTS_MAX];
    int64_t total = 0;
    int stalls = 0;
    advance(&progress, 0);
    while (progress.count > 0) {
        int count = next_parts(&progress, parts);
        int64_t written;
        if (*durable) {
            written = system_write_durable(fd, parts, count, offset + total);
            if (written == -EOPNOTSUPP) {
                *durable = 0;
                continue;
            }
        } else {
            written = write_once(fd, parts, count, offset + total);
            if (written == -EAGAIN) {
                written = 0;
            }
        }
        if (written < 0) {
            return written;
        }
        stalls = written == 0 ? stalls + 1 : 0;
        if (stalls == 2) {
            return -EIO;
        }
        total += written;
        advance(&progress, (uint64_t)written);
    }
    return total;
}

int32_t walnut_abi(void) {
    return WALNUT_ABI;
}

int64_t walnut_commit(int32_t fd, const walnut_span *spans, int32_t span_count, int64_t offset,
                      const walnut_frame *frames, int32_t frame_count, int32_t durability) {
    if (offset < 0) {
        return -EINVAL; /* pwritev2 takes -1 for the descriptor's own position and would write */
    }
    checksum_all(frames, frame_count);

    /* A durable call per group of parts would sync more often than one sync behind them all. */
    int durable = durability == WALNUT_DURABLE_RANGE && span_count <= PARTS_MAX;
    struct progress progress = {spans, span_count, 0};
    int64_t written = write_all(fd, progress, offset, &durable);
    if (written < 0 || durability == WALNUT_DURABLE_NONE || durable) {
        return written;
    }
    int32_t synced = system_sync(fd);
    return synced < 0 ? synced : written;
}
