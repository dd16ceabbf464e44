/** The {@code walnut} command: looks into logs and measures them, through the public API alone. */
package dev.walnut.cli;
