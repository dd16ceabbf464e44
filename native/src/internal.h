/* What the files of the C layer share with one another. */
#ifndef WALNUT_INTERNAL_H
#define WALNUT_INTERNAL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

/* Descriptors that Java fills mirror these layouts, and offsets go through off_t unchanged. */
_Static_assert(sizeof(void *) == 8, "addresses are 64 bits wide");
_Static_assert(sizeof(off_t) == 8, "offsets are 64 bits wide");

/* Carries a CRC-32C state over more bytes. States start at ~0 and end inverted. */
typedef uint32_t (*crc32c_body)(uint32_t state, const uint8_t *bytes, size_t length);

uint32_t crc32c_portable(uint32_t state, const uint8_t *bytes, size_t length);

/* A body in this processor's own instructions, or NULL where it has none. */
crc32c_body crc32c_accelerated(void);

/* The best body here; chosen at the first call. */
uint32_t crc32c(uint32_t state, const uint8_t *bytes, size_t length);

/*
 * Each system has a file with a body of these. All return 0 or a count, or -errno, and repeat
 * nothing: EINTR is returned like any other error.
 */

/*
 * One write that is durable when it returns, or -EOPNOTSUPP where there is no such call, in which
 * case nothing was written.
 */
int64_t system_write_durable(int fd, const struct iovec *parts, int count, int64_t offset);

int32_t system_sync(int fd);
int32_t system_sync_directory(int fd);
int32_t system_lock(int fd);

/* The identity of an open file or, if `path` is given, of what it stands for in `directory`. */
struct identity {
    uint64_t device;
    uint64_t inode;
    int64_t size;
    uint32_t mode;
};

int32_t system_identify(int fd, struct identity *identity);

/* `directory` < 0: `name` is a path, and a link at its end is followed. */
int32_t system_identify_name(int directory, const char *name, struct identity *identity);

/* Returns 1 if reserved and 0 if the file system cannot. */
int32_t system_reserve(int fd, int64_t offset, int64_t length);

#endif
