/* A test is a program; the first expectation that does not hold ends it. */
#ifndef WALNUT_CHECK_H
#define WALNUT_CHECK_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Compares two integers and says both when they differ. */
#define EXPECT_EQ(actual, expected)                                                                \
    do {                                                                                           \
        int64_t actual_ = (int64_t)(actual);                                                       \
        int64_t expected_ = (int64_t)(expected);                                                   \
        if (actual_ != expected_) {                                                                \
            fprintf(stderr, "%s:%d: %s is %" PRId64 ", expected %s, %" PRId64 "\n", __FILE__,      \
                    __LINE__, #actual, actual_, #expected, expected_);                             \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

/* The same bytes in every run: xorshift64, seeded. */
static inline void fill(uint8_t *bytes, size_t length, uint64_t seed) {
    uint64_t state = seed * 2 + 1;
    for (size_t i = 0; i < length; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes[i] = (uint8_t)(state >> 32);
    }
}

#endif
