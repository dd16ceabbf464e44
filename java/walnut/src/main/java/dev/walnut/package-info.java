/**
 * Walnut, a write-ahead log: {@link dev.walnut.Wal} and what goes in and comes out of it.
 *
 * <p>This package knows time: who writes, what shares a batch, when it is durable, and every thread
 * and clock. It knows no byte of a file; that is the business of the floor below.
 *
 * <p>Decisions that look like mistakes and are none:
 *
 * <ul>
 *   <li>Waiters yield and park but never spin: with more waiters than processors, spinning takes
 *       the processor from the one thread that could make progress.
 *   <li>The link of a queued request is written with a full fence. A release store let a pusher and
 *       a releasing holder each miss the other, and the queue hung.
 *   <li>The token is handed over before the own batch is completed, so the next batch's write
 *       starts while this batch's callers wake up.
 *   <li>A failed sync is never repeated. The kernel may have dropped the pages and marked them
 *       clean, so the second attempt could succeed without the data.
 *   <li>Failures are created by whoever is told of them, not by the thread that met them: when
 *       memory has run out, waking the waiters must allocate nothing.
 * </ul>
 */
@NullMarked
package dev.walnut;

import org.jspecify.annotations.NullMarked;
