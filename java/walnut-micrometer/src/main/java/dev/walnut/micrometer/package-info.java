/** Meters of a log for Micrometer. */
@NullMarked
package dev.walnut.micrometer;

import org.jspecify.annotations.NullMarked;
