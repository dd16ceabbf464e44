/* Opening, reading, cutting and removing files. */
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"
#include "walnut.h"

static int32_t result(int returned) {
    return returned < 0 ? -errno : returned;
}

static int open_flags(int32_t mode) {
    /* O_NONBLOCK changes nothing for a regular file; opening a pipe would wait without it. */
    int always = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    switch (mode) {
    case WALNUT_OPEN_READ:
        return always | O_RDONLY;
    case WALNUT_OPEN_WRITE:
        return always | O_RDWR;
    case WALNUT_OPEN_CREATE:
        return always | O_RDWR | O_CREAT | O_EXCL;
    case WALNUT_OPEN_PREPARE:
        return always | O_RDWR | O_CREAT;
    default:
        return -1;
    }
}

/* Says in one way what open says in many: ELOOP for a link, ENXIO for a socket or a pipe. */
static int32_t open_error(int error) {
    if (error == ELOOP || error == ENXIO || error == EISDIR) {
        return -WALNUT_E_NOT_REGULAR;
    }
    return -error;
}

int32_t walnut_open_directory(const char *path) {
    int fd;
    do {
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    } while (fd < 0 && errno == EINTR);
    return result(fd);
}

int32_t walnut_open(int32_t directory, const char *name, int32_t mode) {
    int flags = open_flags(mode);
    if (flags < 0) {
        return -EINVAL;
    }
    int fd;
    do {
        fd = openat(directory, name, flags, 0666);
    } while (fd < 0 && errno == EINTR);
    if (fd < 0) {
        return open_error(errno);
    }
    struct identity identity;
    int32_t identified = system_identify(fd, &identity);
    if (identified < 0 || !S_ISREG(identity.mode)) {
        close(fd);
        return identified < 0 ? identified : -WALNUT_E_NOT_REGULAR;
    }
    return fd;
}

int32_t walnut_close(int32_t fd) {
    return result(close(fd));
}

int64_t walnut_read(int32_t fd, void *target, int64_t length, int64_t offset) {
    int64_t total = 0;
    while (total < length) {
        ssize_t count =
            pread(fd, (char *)target + total, (size_t)(length - total), (off_t)(offset + total));
        if (count == 0) {
            break;
        }
        if (count > 0) {
            total += count;
        } else if (errno != EINTR) {
            return -errno;
        }
    }
    return total;
}

int64_t walnut_size(int32_t fd) {
    struct identity identity;
    int32_t identified = system_identify(fd, &identity);
    return identified < 0 ? identified : identity.size;
}

int32_t walnut_truncate(int32_t fd, int64_t size) {
    int returned;
    do {
        returned = ftruncate(fd, (off_t)size);
    } while (returned < 0 && errno == EINTR);
    return result(returned);
}

int32_t walnut_reserve(int32_t fd, int64_t offset, int64_t length) {
    int32_t reserved;
    do {
        reserved = system_reserve(fd, offset, length);
    } while (reserved == -EINTR);
    return reserved;
}

int32_t walnut_sync(int32_t fd) {
    return system_sync(fd);
}

int32_t walnut_sync_directory(int32_t fd) {
    return system_sync_directory(fd);
}

int32_t walnut_unlink(int32_t directory, const char *name) {
    return result(unlinkat(directory, name, 0));
}

int32_t walnut_lock(int32_t fd) {
    return system_lock(fd);
}

int32_t walnut_is_same(int32_t fd, int32_t directory, const char *name) {
    struct identity open_file;
    struct identity named;
    int32_t identified = system_identify(fd, &open_file);
    if (identified < 0) {
        return identified;
    }
    identified = system_identify_name(directory, name, &named);
    if (identified == -ENOENT || identified == -ENOTDIR) {
        return 0;
    }
    if (identified < 0) {
        return identified;
    }
    return open_file.device == named.device && open_file.inode == named.inode;
}
