package dev.walnut.internal.segment;

import dev.walnut.internal.platform.Disk;
import java.util.function.LongSupplier;

/**
 * What a store takes from outside, so that tests own it.
 *
 * @param disk the machine
 * @param backendReason why this body of the machine was chosen; for statistics
 * @param random log ids, epochs and nonces
 * @param wallClockMillis the time noted in new segments, for people and for retention by age
 */
public record StoreEnvironment(
    Disk disk, String backendReason, LongSupplier random, LongSupplier wallClockMillis) {}
