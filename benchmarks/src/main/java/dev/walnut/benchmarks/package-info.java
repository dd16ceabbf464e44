/** What the log costs, measured with JMH; results are kept in {@code benchmarks/results}. */
package dev.walnut.benchmarks;
