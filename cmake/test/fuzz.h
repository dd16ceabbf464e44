/* What the fuzz targets share: numbers drawn from an input, and the definition of CRC-32C. */
#ifndef WALNUT_FUZZ_H
#define WALNUT_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* What is left of an input, and what goes on behind its end: xorshift32, not 0. */
struct input {
    const uint8_t *bytes;
    size_t length;
    uint32_t state;
};

static inline uint8_t draw_byte(struct input *input) {
    if (input->length > 0) {
        input->length--;
        return *input->bytes++;
    }
    input->state ^= input->state << 13;
    input->state ^= input->state >> 17;
    input->state ^= input->state << 5;
    return (uint8_t)(input->state >> 16);
}

/* The next number of so many bytes, little-endian. */
static inline uint32_t draw(struct input *input, int count) {
    uint32_t value = 0;
    for (int i = 0; i < count; i++) {
        value |= (uint32_t)draw_byte(input) << (8 * i);
    }
    return value;
}

/* The definition: a bit at a time. */
static inline uint32_t bit_by_bit(uint32_t state, const uint8_t *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) {
        state ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            state = (state >> 1) ^ (state & 1 ? 0x82f63b78 : 0);
        }
    }
    return state;
}

#endif
