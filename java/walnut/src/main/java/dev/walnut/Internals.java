package dev.walnut;

/**
 * What a log takes from outside, so that tests own it.
 *
 * @param stores where it is written to
 * @param threads its clock and its threads
 */
record Internals(StoreOpener stores, Threads threads) {}
