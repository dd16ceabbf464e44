package dev.walnut.internal.platform;

import java.io.Closeable;
import java.io.IOException;

/**
 * One open file. Reads may come from many threads at once, writes from one at a time, and a sync
 * may run beside either. An interrupt of any calling thread changes no result and closes nothing;
 * the interrupt status survives.
 *
 * <p>Use after {@link #close} throws {@link java.nio.channels.ClosedChannelException} and never
 * touches another file.
 */
public interface DiskFile extends Closeable {

  /** The file's name; for messages. */
  String name();

  /** The file's size in bytes now. */
  long size() throws IOException;

  /**
   * Reads into {@code target[from, from + length)} until it is full or the file ends.
   *
   * @return the bytes read; less than {@code length} only at the end of the file
   */
  int read(long offset, Memory target, int from, int length) throws IOException;

  /**
   * Computes the plan's checksums in their order, writes its spans one behind the other from {@code
   * offset} on, and makes them durable as asked. Short writes and interrupted calls are continued;
   * two writes in a row without progress are an error. After an error any part may be in the file.
   *
   * @return the bytes written: always all of them
   * @throws DiskFullException if the space, the quota or the size limit is used up
   */
  long write(long offset, WritePlan plan, Durability durability) throws IOException;

  /**
   * Makes everything written to this file durable, its size included. Never repeated, neither here
   * nor by the caller, once it has failed: the kernel may hold the lost pages as clean.
   */
  void sync() throws IOException;

  /** Cuts the file, or extends it with zeros, to {@code size} bytes. */
  void truncate(long size) throws IOException;

  /**
   * Reserves space so that writing there cannot run out of it; what was never written reads as
   * zeros. The size may grow to the end of the range.
   *
   * @return false if this body or file system can only look whether the space is there
   * @throws DiskFullException if the space is not there; nothing was changed that matters
   */
  boolean reserve(long offset, long length) throws IOException;
}
