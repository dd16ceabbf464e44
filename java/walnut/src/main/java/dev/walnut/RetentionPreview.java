package dev.walnut;

import dev.walnut.internal.segment.EntryStore;
import java.nio.file.Path;
import java.util.List;

/**
 * What retention would delete if a segment were started at this moment.
 *
 * @param files the segment files, oldest first
 * @param bytes their bytes, without footers and space made ahead
 * @param entries how many entries they hold
 * @param firstIndex the smallest of their indexes; 0 if there are no entries
 * @param lastIndex the largest of their indexes; 0 if there are no entries
 */
public record RetentionPreview(
    List<Path> files, long bytes, long entries, long firstIndex, long lastIndex) {

  RetentionPreview(EntryStore.Removal removal) {
    this(
        removal.files(),
        removal.bytes(),
        removal.entries(),
        removal.firstIndex(),
        removal.lastIndex());
  }

  /** Whether nothing would be deleted. */
  public boolean isEmpty() {
    return files.isEmpty();
  }
}
