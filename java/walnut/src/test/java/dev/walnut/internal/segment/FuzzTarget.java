package dev.walnut.internal.segment;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;

/** The questions that a fuzzer asks of files that may hold anything. */
public enum FuzzTarget {
  /** Header, batches, footer, offset table, and the search past damage, each by itself. */
  READER(HostileQuestions::readAlone),

  /** Opening for writing: heals, or refuses and leaves all as it was; opens again to the same. */
  OPEN(HostileQuestions::open),

  /** Reading beside a writer that may be there: nothing is written, not even a lock. */
  OPEN_READ_ONLY(HostileQuestions::openReadOnly),

  /** Verification and inspection: nothing is written. */
  VERIFY(HostileQuestions::verify),

  /** Salvage: tells beforehand what it keeps, destroys nothing, and leaves a log that opens. */
  SALVAGE(HostileQuestions::salvage),

  /** The recovery that removes what is corrupt, and an opening after it. */
  UNSAFE_RECOVER(HostileQuestions::unsafeRecover);

  private interface Question {
    void ask(HostileQuestions log) throws IOException;
  }

  private final Question question;

  FuzzTarget(Question question) {
    this.question = question;
  }

  /**
   * Asks about the files that the bytes stand for, which are put into a directory first.
   *
   * @throws AssertionError if the answer is not as promised
   */
  public void ask(byte[] input, Path dir) throws IOException {
    question.ask(new HostileQuestions(FuzzInput.files(input), dir));
  }

  /** The same; a failure tells the target and the input, in base 64. */
  void askOrExplain(byte[] input, Path dir) {
    try {
      ask(input, dir);
    } catch (IOException | RuntimeException | Error e) {
      throw new AssertionError(
          this + " of input " + Base64.getEncoder().encodeToString(input) + ": " + e, e);
    }
  }
}
