/*
 * What the C layer of Walnut offers: checksums, positional reads and writes, syncs and locks.
 *
 * Results are counts or descriptors of 0 and above, or a negative error: -errno, or one of the
 * WALNUT_E_ codes that lie beyond every errno. errno itself is never left for the caller. Nothing
 * here allocates, and nothing keeps a pointer after it has returned.
 *
 * Addresses cross the border as uint64_t and text as NUL-terminated bytes, so that a caller
 * without C types passes nothing but integers.
 */
#ifndef WALNUT_H
#define WALNUT_H

#include <stdint.h>

/* Rises with any change of this header; the caller refuses a library with another number. */
#define WALNUT_ABI 1

#define WALNUT_API __attribute__((visibility("default")))

/* The name stands for something other than a regular file: a link, a pipe, a directory. */
#define WALNUT_E_NOT_REGULAR 5000

/* What a write owes the disk before it returns. */
enum walnut_durability {
    WALNUT_DURABLE_NONE = 0,  /* nothing */
    WALNUT_DURABLE_FILE = 1,  /* everything written to the file so far */
    WALNUT_DURABLE_RANGE = 2, /* the bytes of this write; more is allowed */
};

/* How a file is opened. */
enum walnut_open_mode {
    WALNUT_OPEN_READ = 0,
    WALNUT_OPEN_WRITE = 1,   /* for reading and writing */
    WALNUT_OPEN_CREATE = 2,  /* as WRITE; the file must not exist */
    WALNUT_OPEN_PREPARE = 3, /* as WRITE; created if it does not exist */
};

/* What an error means, the same on every system. */
enum walnut_error_kind {
    WALNUT_KIND_OTHER = 0,
    WALNUT_KIND_MISSING = 1,
    WALNUT_KIND_EXISTS = 2,
    WALNUT_KIND_DENIED = 3,
    WALNUT_KIND_FULL = 4, /* space, quota or size limit */
    WALNUT_KIND_HELD = 5, /* another opener has the lock */
};

/* Bytes to write. */
typedef struct {
    uint64_t address;
    uint64_t length;
} walnut_span;

/*
 * Bytes to checksum: CRC-32C over the salt of a run's first frame, then over the bytes of its
 * frames in order. The last frame of a run says where to store the result.
 */
typedef struct {
    uint64_t address;
    uint64_t length;
    uint64_t store; /* where the checksum goes, 4 bytes little-endian; 0: it carries on */
    uint8_t salt[16];
} walnut_frame;

/* The number this library was built with. */
WALNUT_API int32_t walnut_abi(void);

/*
 * Computes and stores the checksums of `frames` in order, so that a later one may cover an earlier
 * one's result, then writes every byte of `spans` to `fd` from `offset` on, then makes it durable.
 *
 * Short writes and interrupted calls are continued, and more spans than the system takes in one
 * call are split. A failed sync is returned, never repeated, even if it was interrupted. Not
 * atomic: after an error any part may be in the file.
 *
 * spans, frames  borrowed for the call; total length at most INT64_MAX bytes
 * durability     one of walnut_durability
 * returns        bytes written (always the total), or a negative error; -EIO after two writes in a
 *                row that made no progress
 * threads        safe for different files; one writer per file
 */
WALNUT_API int64_t walnut_commit(int32_t fd, const walnut_span *spans, int32_t span_count,
                                 int64_t offset, const walnut_frame *frames, int32_t frame_count,
                                 int32_t durability);

/* Opens a directory, following links; returns a descriptor that is closed on exec. */
WALNUT_API int32_t walnut_open_directory(const char *path);

/*
 * Opens a regular file in a directory; returns a descriptor that is closed on exec. Follows no
 * link and never waits for the other end of a pipe.
 *
 * mode  one of walnut_open_mode
 */
WALNUT_API int32_t walnut_open(int32_t directory, const char *name, int32_t mode);

/* Closes a descriptor. It is gone whatever is returned. */
WALNUT_API int32_t walnut_close(int32_t fd);

/* Reads until `length` bytes are there or the file ends; returns the bytes read. */
WALNUT_API int64_t walnut_read(int32_t fd, void *target, int64_t length, int64_t offset);

/* The size of a file in bytes. */
WALNUT_API int64_t walnut_size(int32_t fd);

/* Cuts a file, or extends it with zeros, to `size` bytes. */
WALNUT_API int32_t walnut_truncate(int32_t fd, int64_t size);

/*
 * Reserves space for [offset, offset + length); the size grows to its end.
 *
 * returns  1 if reserved, 0 if the file system cannot, or a negative error
 */
WALNUT_API int32_t walnut_reserve(int32_t fd, int64_t offset, int64_t length);

/* Makes a file's bytes and its size durable. Tried once, whatever the error. */
WALNUT_API int32_t walnut_sync(int32_t fd);

/* Makes the names in a directory durable. Tried once, whatever the error. */
WALNUT_API int32_t walnut_sync_directory(int32_t fd);

/* Removes a file's name from a directory. */
WALNUT_API int32_t walnut_unlink(int32_t directory, const char *name);

/*
 * Locks a file as a whole until its descriptor is closed, without waiting. Conflicts with the
 * locks of other descriptors and with the record locks of other processes.
 */
WALNUT_API int32_t walnut_lock(int32_t fd);

/*
 * Whether a name stands for the open file: 1 or 0.
 *
 * directory  where to look; negative: `name` is a path, and links are followed
 */
WALNUT_API int32_t walnut_is_same(int32_t fd, int32_t directory, const char *name);

/* What an error means: one of walnut_error_kind. `error` is a result with its sign removed. */
WALNUT_API int32_t walnut_error_kind(int32_t error);

/*
 * Copies the system's words for an error, without a NUL, cut to `capacity` bytes.
 *
 * returns  the bytes copied
 */
WALNUT_API int32_t walnut_error_text(int32_t error, char *target, int32_t capacity);

#endif
