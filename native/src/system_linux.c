/* Linux. */
#if defined(__linux__)

#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

/*
 * Calls younger than glibc 2.17, and stat, whose symbol changed with 2.33, go through syscall():
 * a library built on a new system then still loads on an old one.
 */
#ifndef RWF_DSYNC
#define RWF_DSYNC 0x00000002
#endif
#ifndef F_OFD_SETLK
#define F_OFD_SETLK 37
#endif

static int32_t result(long returned) {
    return returned < 0 ? -errno : 0;
}

int64_t system_write_durable(int fd, const struct iovec *parts, int count, int64_t offset) {
    long written = syscall(SYS_pwritev2, fd, parts, count, offset, 0L, RWF_DSYNC);
    if (written >= 0) {
        return written;
    }
    /* ENOSYS before Linux 4.6; EINVAL before 4.7, when the flag was unknown. */
    if (errno == ENOSYS || errno == EINVAL) {
        return -EOPNOTSUPP;
    }
    return -errno;
}

int32_t system_sync(int fd) {
    return result(fdatasync(fd));
}

int32_t system_sync_directory(int fd) {
    return result(fsync(fd));
}

/*
 * An open-file-description lock: Java's record locks conflict with it, which they do not with
 * flock, and closing another descriptor on the file does not drop it.
 */
int32_t system_lock(int fd) {
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int32_t locked = result(fcntl(fd, F_OFD_SETLK, &whole));
    return locked == -EACCES ? -EAGAIN : locked;
}

static void describe(const struct stat *status, struct identity *identity) {
    identity->device = status->st_dev;
    identity->inode = status->st_ino;
    identity->size = status->st_size;
    identity->mode = status->st_mode;
}

int32_t system_identify(int fd, struct identity *identity) {
    struct stat status;
    int32_t returned = result(syscall(SYS_fstat, fd, &status));
    if (returned == 0) {
        describe(&status, identity);
    }
    return returned;
}

int32_t system_identify_name(int directory, const char *name, struct identity *identity) {
    struct stat status;
    int at = directory < 0 ? AT_FDCWD : directory;
    int flags = directory < 0 ? 0 : AT_SYMLINK_NOFOLLOW;
    int32_t returned = result(syscall(SYS_newfstatat, at, name, &status, flags));
    if (returned == 0) {
        describe(&status, identity);
    }
    return returned;
}

int32_t system_reserve(int fd, int64_t offset, int64_t length) {
    int32_t returned = result(fallocate(fd, 0, (off_t)offset, (off_t)length));
    if (returned == -EOPNOTSUPP || returned == -ENOSYS) {
        return 0;
    }
    return returned < 0 ? returned : 1;
}

#else

/* An empty file is not C. */
typedef int system_linux_is_elsewhere;

#endif
