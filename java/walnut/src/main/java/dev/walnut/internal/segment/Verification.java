package dev.walnut.internal.segment;

import java.util.List;

/**
 * What reading a whole log showed.
 *
 * @param segments segment files
 * @param batches batches with an authentic header
 * @param entries entries whose records are intact, alive or not
 * @param bytesRead bytes read from the files
 * @param places where something is wrong or torn; at most {@link LogVerifier#PLACES_MAX}
 * @param omitted how many more there are
 */
public record Verification(
    int segments,
    long batches,
    long entries,
    long bytesRead,
    List<DamageFacts> places,
    long omitted) {

  /** Whether something that was durable is wrong, or cannot be read by this version. */
  public boolean damaged() {
    return places.stream().anyMatch(DamageFacts::isDamage);
  }
}
