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
   * Called after an entry above the durable point was read through a view: throws if what the view
   * showed was taken back by others meanwhile, so that the entry may be of another life.
   *
   * @param fromFile whether bytes were read from the file for it, not only from memory
   */
  default void requireKept(View view, boolean fromFile) throws IOException {}

  /** What a reader is told whose bytes turned out to be wrong, or to be gone. */
  default IOException explain(View view, IOException failure) throws IOException {
    return failure;
  }
}
