package dev.walnut.cli;

/** How the command ends. */
final class ExitCode {
  /** Done, and nothing wrong was found. */
  static final int OK = 0;

  /** Not done: no such log, not readable, locked, no space. */
  static final int FAILED = 1;

  /** Not understood: an unknown option, a value out of range. */
  static final int USAGE = 2;

  /** Done, and damage or a broken promise was found. */
  static final int DAMAGE = 3;

  private ExitCode() {}
}
