/* macOS. */
#if defined(__APPLE__)

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

static int32_t result(int returned) {
    return returned < 0 ? -errno : 0;
}

int64_t system_write_durable(int fd, const struct iovec *parts, int count, int64_t offset) {
    (void)fd, (void)parts, (void)count, (void)offset;
    return -EOPNOTSUPP;
}

/* fsync stops at the drive's cache here; F_FULLFSYNC goes on to the medium, as the JDK does. */
int32_t system_sync(int fd) {
    int32_t returned = result(fcntl(fd, F_FULLFSYNC));
    /* Some file systems do not know it. Nothing was tried then, so this repeats no sync. */
    return returned == -ENOTSUP || returned == -ENOTTY ? result(fsync(fd)) : returned;
}

int32_t system_sync_directory(int fd) {
    return system_sync(fd);
}

int32_t system_lock(int fd) {
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int32_t locked = result(fcntl(fd, F_SETLK, &whole));
    return locked == -EACCES ? -EAGAIN : locked;
}

static void describe(const struct stat *status, struct identity *identity) {
    identity->device = (uint64_t)status->st_dev;
    identity->inode = status->st_ino;
    identity->size = status->st_size;
    identity->mode = status->st_mode;
}

int32_t system_identify(int fd, struct identity *identity) {
    struct stat status;
    int32_t returned = result(fstat(fd, &status));
    if (returned == 0) {
        describe(&status, identity);
    }
    return returned;
}

int32_t system_identify_name(int directory, const char *name, struct identity *identity) {
    struct stat status;
    int at = directory < 0 ? AT_FDCWD : directory;
    int flags = directory < 0 ? 0 : AT_SYMLINK_NOFOLLOW;
    int32_t returned = result(fstatat(at, name, &status, flags));
    if (returned == 0) {
        describe(&status, identity);
    }
    return returned;
}

int32_t system_reserve(int fd, int64_t offset, int64_t length) {
    (void)fd, (void)offset, (void)length;
    return 0;
}

#else

/* An empty file is not C. */
typedef int system_darwin_is_elsewhere;

#endif
