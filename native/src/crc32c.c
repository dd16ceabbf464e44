/* Which CRC-32C body runs here. */
#include <stdatomic.h>

#include "internal.h"

static uint32_t choose(uint32_t state, const uint8_t *bytes, size_t length);

/* Starts as the function that replaces it. Threads that race there store the same value. */
static _Atomic(crc32c_body) chosen = choose;

static uint32_t choose(uint32_t state, const uint8_t *bytes, size_t length) {
    crc32c_body body = crc32c_accelerated();
    if (body == NULL) {
        body = crc32c_portable;
    }
    atomic_store_explicit(&chosen, body, memory_order_relaxed);
    return body(state, bytes, length);
}

uint32_t crc32c(uint32_t state, const uint8_t *bytes, size_t length) {
    return atomic_load_explicit(&chosen, memory_order_relaxed)(state, bytes, length);
}
