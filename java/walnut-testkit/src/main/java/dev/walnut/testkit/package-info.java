/**
 * For tests of what is built on Walnut: {@link dev.walnut.testkit.SimulatedDisk}, a disk in memory
 * that forgets what was not synced when the power is cut, fails and lies on request, and does the
 * same again for the same seed.
 */
package dev.walnut.testkit;
