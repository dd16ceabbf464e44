package dev.walnut.internal.segment;

import java.io.IOException;

/** What a cursor follows: where it gets the next view from. */
interface ViewSource {

  /** The newest view there is. */
  View view();

  /** Looks whether there is a newer one, in the files if nobody else does; returns the newest. */
  default View look() throws IOException {
    return view();
  }

  /**
   * Called after bytes were read through a view: throws if what it showed was taken back by others
   * meanwhile, so that those bytes may be of another life.
   */
  default void requireKept(View view) throws IOException {}

  /** What a reader is told whose bytes turned out to be wrong. */
  default IOException explain(View view, IOException failure) {
    return failure;
  }
}
