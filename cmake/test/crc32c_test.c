/* The CRC-32C bodies: against published sums, a bit at a time, and one another. */
#include <stddef.h>
#include <string.h>

#include "check.h"
#include "internal.h"

enum { BYTES_MAX = 300000, SLACK = 16 };

static uint8_t memory[BYTES_MAX + SLACK];

static uint32_t sum(crc32c_body body, const uint8_t *bytes, size_t length) {
    return ~body(~(uint32_t)0, bytes, length);
}

/* The definition. */
static uint32_t bit_by_bit(uint32_t state, const uint8_t *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) {
        state ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            state = (state >> 1) ^ (state & 1 ? 0x82f63b78 : 0);
        }
    }
    return state;
}

/* RFC 3720, appendix B.4, and the check value of the CRC catalogue. */
static void published_sums(crc32c_body body) {
    uint8_t bytes[32];
    memset(bytes, 0, 32);
    EXPECT_EQ(sum(body, bytes, 32), 0x8a9136aau);
    memset(bytes, 0xff, 32);
    EXPECT_EQ(sum(body, bytes, 32), 0x62a8ab43u);
    for (int i = 0; i < 32; i++) {
        bytes[i] = (uint8_t)i;
    }
    EXPECT_EQ(sum(body, bytes, 32), 0x46dd794eu);
    for (int i = 0; i < 32; i++) {
        bytes[i] = (uint8_t)(31 - i);
    }
    EXPECT_EQ(sum(body, bytes, 32), 0x113fdb5cu);
    EXPECT_EQ(sum(body, (const uint8_t *)"123456789", 9), 0xe3069283u);
    EXPECT_EQ(sum(body, bytes, 0), 0);
}

static void short_lengths_at_all_alignments(crc32c_body body) {
    for (size_t from = 0; from < SLACK; from++) {
        for (size_t length = 0; length <= 600; length++) {
            EXPECT_EQ(body(0x12345678, memory + from, length),
                      bit_by_bit(0x12345678, memory + from, length));
        }
    }
}

static void long_lengths(crc32c_body body) {
    for (size_t i = 0; i < 60; i++) {
        size_t length = (size_t)(i * i * i * i) % BYTES_MAX + 601 * (i % 7);
        length = length > BYTES_MAX ? BYTES_MAX : length;
        size_t from = i % SLACK;
        EXPECT_EQ(body(~(uint32_t)0, memory + from, length),
                  bit_by_bit(~(uint32_t)0, memory + from, length));
    }
    EXPECT_EQ(body(1, memory, BYTES_MAX), bit_by_bit(1, memory, BYTES_MAX));
}

static void pieces_add_up(crc32c_body body) {
    uint32_t whole = body(7, memory, 10000);
    for (size_t cut = 0; cut <= 10000; cut += 333) {
        EXPECT_EQ(body(body(7, memory, cut), memory + cut, 10000 - cut), whole);
    }
}

static void test(const char *name, crc32c_body body) {
    published_sums(body);
    short_lengths_at_all_alignments(body);
    long_lengths(body);
    pieces_add_up(body);
    printf("crc32c: %s agrees\n", name);
}

int main(void) {
    fill(memory, sizeof memory, 42);
    test("portable", crc32c_portable);
    test("chosen", crc32c);
    if (crc32c_accelerated() != NULL) {
        test("accelerated", crc32c_accelerated());
    } else {
        printf("crc32c: no accelerated body on this processor\n");
    }
    return 0;
}
