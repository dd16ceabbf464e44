package dev.walnut.testkit;

import java.util.Map;
import java.util.TreeMap;

/** What the crash states were made of. */
final class Mix {
  /** What was going on when the machine stopped. */
  enum Place {
    RECOVERY,
    TRUNCATION,
    ROTATION,
    WRITING,
    CLOSING,
    BETWEEN
  }

  private final TreeMap<String, Integer> counts = new TreeMap<>();
  private int states;
  private int inFlight;
  private final Map<Place, Integer> places = new TreeMap<>();

  /** A state that a crash left was opened and checked. */
  void state(Place place, boolean bytesInFlight) {
    states++;
    places.merge(place, 1, Integer::sum);
    if (bytesInFlight) {
      inFlight++;
    }
  }

  void count(String what) {
    counts.merge(what, 1, Integer::sum);
  }

  int states() {
    return states;
  }

  int get(String what) {
    return counts.getOrDefault(what, 0);
  }

  double shareInFlight() {
    return (double) inFlight / states;
  }

  double share(Place place) {
    return (double) places.getOrDefault(place, 0) / states;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(states + " crash states: ");
    text.append(Math.round(100 * shareInFlight())).append(" % with unacknowledged bytes in flight");
    for (Place place : places.keySet()) {
      text.append(", ").append(Math.round(1000 * share(place)) / 10.0).append(" % ").append(place);
    }
    return text.append("; ").append(counts).toString();
  }
}
