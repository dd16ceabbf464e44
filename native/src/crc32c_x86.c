/* CRC-32C with the crc32 instruction of SSE4.2. */
#if defined(__x86_64__)

#include <cpuid.h>
#include <nmmintrin.h>
#include <string.h>
#include <wmmintrin.h>

#include "internal.h"

#define TARGET __attribute__((target("sse4.2,pclmul")))

/*
 * The instruction takes three cycles and a new one may start in each, so three independent
 * streams keep it busy. They cover neighbouring thirds of a block and are joined at its end: the
 * state of a stream is moved over the n bytes that follow it by multiplying it with x^(8n) modulo
 * the polynomial. A carry-less product of two reflected states, reduced by the crc32 instruction,
 * carries x^33 too much, so the factors are x^(8n - 33).
 *
 * Below SMALL_BLOCK one stream is faster than the joining.
 */
enum {
    SMALL_THIRD = 168,
    SMALL_BLOCK = 3 * SMALL_THIRD,
    LARGE_THIRD = 1360,
    LARGE_BLOCK = 3 * LARGE_THIRD,
};

/* x^(8n - 33), reflected: for n of two thirds and of one. */
struct factors {
    uint32_t two_thirds;
    uint32_t one_third;
};

static const struct factors SMALL_FACTORS = {0xa60ce07b, 0x1b3d8f29};
static const struct factors LARGE_FACTORS = {0x5aa1f3cf, 0x3f70cc6f};

TARGET static uint64_t load(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    return word;
}

TARGET static __m128i product(uint64_t state, uint32_t factor) {
    return _mm_clmulepi64_si128(_mm_cvtsi64_si128((int64_t)state), _mm_cvtsi32_si128((int)factor),
                                0);
}

TARGET static uint64_t join(uint64_t first, uint64_t second, uint64_t third,
                            const struct factors *factors) {
    __m128i moved =
        _mm_xor_si128(product(first, factors->two_thirds), product(second, factors->one_third));
    return _mm_crc32_u64(0, (uint64_t)_mm_cvtsi128_si64(moved)) ^ third;
}

TARGET static uint64_t block(uint64_t state, const uint8_t *bytes, size_t third_bytes,
                             const struct factors *factors) {
    uint64_t second = 0;
    uint64_t third = 0;
    for (size_t i = 0; i < third_bytes; i += 8) {
        state = _mm_crc32_u64(state, load(bytes + i));
        second = _mm_crc32_u64(second, load(bytes + third_bytes + i));
        third = _mm_crc32_u64(third, load(bytes + 2 * third_bytes + i));
    }
    return join(state, second, third, factors);
}

TARGET static uint32_t crc32c_sse42(uint32_t start, const uint8_t *bytes, size_t length) {
    uint64_t state = start;
    for (; length >= LARGE_BLOCK; bytes += LARGE_BLOCK, length -= LARGE_BLOCK) {
        state = block(state, bytes, LARGE_THIRD, &LARGE_FACTORS);
    }
    for (; length >= SMALL_BLOCK; bytes += SMALL_BLOCK, length -= SMALL_BLOCK) {
        state = block(state, bytes, SMALL_THIRD, &SMALL_FACTORS);
    }
    for (; length >= 8; bytes += 8, length -= 8) {
        state = _mm_crc32_u64(state, load(bytes));
    }
    for (; length > 0; bytes++, length--) {
        state = _mm_crc32_u8((uint32_t)state, *bytes);
    }
    return (uint32_t)state;
}

crc32c_body crc32c_accelerated(void) {
    unsigned int eax, ebx, ecx, edx;
    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx)) {
        return NULL;
    }
    return (ecx & bit_SSE4_2) && (ecx & bit_PCLMUL) ? crc32c_sse42 : NULL;
}

#else

/* An empty file is not C. */
typedef int crc32c_x86_is_elsewhere;

#endif
