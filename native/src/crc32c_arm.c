/* CRC-32C with the crc32c instructions of ARMv8. */
#if defined(__aarch64__)

#include <string.h>
#if defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

#include "internal.h"

/*
 * Written as assembly because the intrinsics exist only where the whole file is compiled for a
 * processor that has them, and no file has flags of its own here.
 */
static uint32_t step_word(uint32_t state, uint64_t word) {
    __asm__(".arch_extension crc\n\tcrc32cx %w0, %w0, %x1" : "+r"(state) : "r"(word));
    return state;
}

static uint32_t step_byte(uint32_t state, uint8_t byte) {
    __asm__(".arch_extension crc\n\tcrc32cb %w0, %w0, %w1" : "+r"(state) : "r"((uint32_t)byte));
    return state;
}

static uint32_t crc32c_armv8(uint32_t state, const uint8_t *bytes, size_t length) {
    for (; length >= 8; bytes += 8, length -= 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        state = step_word(state, word);
    }
    for (; length > 0; bytes++, length--) {
        state = step_byte(state, *bytes);
    }
    return state;
}

crc32c_body crc32c_accelerated(void) {
#if defined(__linux__)
    /* Optional in ARMv8.0; without the question an old processor dies of an illegal instruction. */
    return (getauxval(AT_HWCAP) & HWCAP_CRC32) ? crc32c_armv8 : NULL;
#else
    return crc32c_armv8;
#endif
}

#else

/* An empty file is not C. */
typedef int crc32c_arm_is_elsewhere;

#endif
