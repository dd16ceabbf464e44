/* CRC-32C on processors without a body of their own. */
#if !defined(__x86_64__) && !defined(__aarch64__)

#include "internal.h"

crc32c_body crc32c_accelerated(void) {
    return NULL;
}

#else

/* An empty file is not C. */
typedef int crc32c_none_is_elsewhere;

#endif
