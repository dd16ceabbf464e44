/** The ways in which a log can fail. This package knows nothing of the rest. */
package dev.walnut.exception;
