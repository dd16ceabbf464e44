package dev.walnut;

/** Gives its owner the token behind everything that was queued before, for good. */
final class CloseRequest extends Request {
  CloseRequest(Thread owner) {
    super(owner, /* durable= */ true);
  }

  @Override
  boolean exclusive() {
    return true;
  }

  @Override
  String describe() {
    return "close";
  }
}
