package dev.walnut.testkit;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A directory: what its names stand for now, what they stand for durably, and what lies between.
 */
final class StoredDirectory implements Node {
  /**
   * A change of a name.
   *
   * @param node what it stands for from then on, or null
   * @param movedTo where else the file went, if it was renamed: it is not without a name meanwhile
   */
  private record Change(@Nullable Node node, @Nullable Place movedTo) {}

  private record Place(StoredDirectory directory, String name, Node node) {
    boolean isTaken() {
      return directory.durableNames.get(name) == node;
    }
  }

  private final TreeMap<String, Node> names = new TreeMap<>();
  private final TreeMap<String, Node> durableNames = new TreeMap<>();
  private final TreeMap<String, List<Change>> pending = new TreeMap<>();

  @Nullable Node get(String name) {
    return names.get(name);
  }

  Map<String, Node> names() {
    return names;
  }

  boolean isUnsynced() {
    return !pending.isEmpty();
  }

  // ---- by the running system

  void put(String name, Node node) {
    names.put(name, node);
    change(name, new Change(node, null));
    if (node instanceof StoredFile file) {
      file.links++;
    }
  }

  void remove(String name) {
    removed(name, null);
  }

  void rename(String name, StoredDirectory target, String targetName) {
    Node node = names.get(name);
    if (node != null) {
      target.put(targetName, node);
      removed(name, new Place(target, targetName, node));
    }
  }

  private void removed(String name, @Nullable Place movedTo) {
    Node node = names.remove(name);
    change(name, new Change(null, movedTo));
    if (node instanceof StoredFile file) {
      file.links--;
    }
  }

  private void change(String name, Change change) {
    pending.computeIfAbsent(name, n -> new ArrayList<>()).add(change);
  }

  void sync(Blocks blocks) {
    pending.forEach((name, changes) -> settle(name, changes.get(changes.size() - 1).node, blocks));
    pending.clear();
  }

  private void settle(String name, @Nullable Node node, Blocks blocks) {
    Node old = node == null ? durableNames.remove(name) : durableNames.put(name, node);
    if (old != node && old instanceof StoredFile file) {
      file.leaveBlocks(blocks);
    }
  }

  // ---- the power is cut

  /** Of each name, what it stood for durably or after any of the changes since. */
  void cutNames(PowerCut cut, Blocks blocks) {
    durableNames.values().forEach(node -> cutBelow(node, cut, blocks));
    List<Runnable> removals = new ArrayList<>();
    pending.forEach((name, changes) -> cutName(name, changes, cut, blocks, removals));
    removals.forEach(Runnable::run);
    pending.clear();
    names.clear();
    names.putAll(durableNames);
  }

  private static void cutBelow(Node node, PowerCut cut, Blocks blocks) {
    if (node instanceof StoredDirectory directory) {
      directory.cutNames(cut, blocks);
    }
  }

  private void cutName(
      String name, List<Change> changes, PowerCut cut, Blocks blocks, List<Runnable> removals) {
    int survivor = cut.pick(changes.size() + 1);
    for (int i = 0; i < changes.size(); i++) {
      if (changes.get(i).node instanceof StoredFile lost && i + 1 != survivor) {
        lost.leaveBlocks(blocks);
      }
      if (i + 1 == survivor && changes.get(i).node instanceof StoredDirectory made) {
        made.cutNames(cut, blocks);
      }
    }
    if (survivor > 0) {
      Change change = changes.get(survivor - 1);
      Place movedTo = change.movedTo;
      if (movedTo == null) {
        settle(name, change.node, blocks);
      } else {
        removals.add(() -> removeIfMoved(name, movedTo));
      }
    }
  }

  private void removeIfMoved(String name, Place movedTo) {
    if (movedTo.isTaken()) {
      durableNames.remove(name);
    }
  }

  /** Every file below, once, with its names counted. */
  List<StoredFile> files() {
    Set<StoredFile> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    List<StoredFile> found = new ArrayList<>();
    collect(seen, found);
    return found;
  }

  private void collect(Set<StoredFile> seen, List<StoredFile> found) {
    for (Node node : names.values()) {
      if (node instanceof StoredDirectory directory) {
        directory.collect(seen, found);
      } else if (node instanceof StoredFile file) {
        if (seen.add(file)) {
          file.links = 0;
          found.add(file);
        }
        file.links++;
      }
    }
  }

  // ---- copies

  StoredDirectory copy(Map<Node, Node> copies) {
    StoredDirectory copy = new StoredDirectory();
    copies.put(this, copy);
    names.forEach((name, node) -> copy.names.put(name, copy(node, copies)));
    durableNames.forEach((name, node) -> copy.durableNames.put(name, copy(node, copies)));
    pending.forEach(
        (name, changes) ->
            copy.pending.put(
                name,
                new ArrayList<>(changes.stream().map(change -> copy(change, copies)).toList())));
    return copy;
  }

  private static Change copy(Change change, Map<Node, Node> copies) {
    Place place = change.movedTo;
    Node node = change.node;
    return new Change(
        node == null ? null : copy(node, copies),
        place == null
            ? null
            : new Place(
                (StoredDirectory) copy(place.directory, copies),
                place.name,
                copy(place.node, copies)));
  }

  private static Node copy(Node node, Map<Node, Node> copies) {
    Node known = copies.get(node);
    if (known != null) {
      return known;
    }
    if (node instanceof StoredDirectory directory) {
      return directory.copy(copies);
    }
    StoredFile copy = ((StoredFile) node).copy();
    copies.put(node, copy);
    return copy;
  }
}
