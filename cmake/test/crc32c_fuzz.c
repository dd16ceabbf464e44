/* The CRC-32C bodies under libFuzzer: any bytes, state, length, alignment and cut into pieces. */
#include <string.h>

#include "check.h"
#include "fuzz.h"
#include "internal.h"

enum { BYTES_MAX = 16384, ALIGNMENTS = 16 };

static void expect_same(crc32c_body body, uint32_t state, const uint8_t *bytes, size_t length,
                        size_t cut) {
    uint32_t expected = bit_by_bit(state, bytes, length);
    EXPECT_EQ(body(state, bytes, length), expected);
    EXPECT_EQ(body(body(state, bytes, cut), bytes + cut, length - cut), expected);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct input input = {data, size, 1};
    uint32_t state = draw(&input, 4);
    size_t alignment = draw(&input, 1) % ALIGNMENTS;
    size_t repeats = 1 + draw(&input, 1) % 64;
    size_t length = input.length * repeats < BYTES_MAX ? input.length * repeats : BYTES_MAX;
    size_t cut = length == 0 ? 0 : state % (length + 1);
    /* To the byte, so that the sanitizer sees a read behind its end. */
    uint8_t *memory = malloc(alignment + length + 1);
    uint8_t *bytes = memory + 1 + alignment;
    for (size_t i = 0; i < length; i++) {
        bytes[i] = (uint8_t)(input.bytes[i % input.length] + i / input.length);
    }

    expect_same(crc32c_portable, state, bytes, length, cut);
    expect_same(crc32c, state, bytes, length, cut);
    if (crc32c_accelerated() != NULL) {
        expect_same(crc32c_accelerated(), state, bytes, length, cut);
    }
    free(memory);
    return 0;
}
