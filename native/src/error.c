/*
 * What errors mean and what they are called. A file of its own because strerror_r has two shapes,
 * and the one of POSIX is seen only without _GNU_SOURCE.
 */
#define _POSIX_C_SOURCE 200809L
#define _DARWIN_C_SOURCE

#include <errno.h>
#include <string.h>

#include "walnut.h"

int32_t walnut_error_kind(int32_t error) {
    switch (error) {
    case ENOENT:
        return WALNUT_KIND_MISSING;
    case EEXIST:
        return WALNUT_KIND_EXISTS;
    case EACCES:
        return WALNUT_KIND_DENIED;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return WALNUT_KIND_FULL;
    case EAGAIN:
        return WALNUT_KIND_HELD;
    default:
        return WALNUT_KIND_OTHER;
    }
}

int32_t walnut_error_text(int32_t error, char *target, int32_t capacity) {
    char words[256];
    if (error == WALNUT_E_NOT_REGULAR) {
        strcpy(words, "not a regular file");
    } else if (strerror_r(error, words, sizeof words) != 0) {
        strcpy(words, "unknown error");
    }
    size_t length = strlen(words);
    if (length > (size_t)capacity) {
        length = (size_t)capacity;
    }
    memcpy(target, words, length);
    return (int32_t)length;
}
