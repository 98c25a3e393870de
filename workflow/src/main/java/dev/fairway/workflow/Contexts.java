package dev.fairway.workflow;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// What an expression sees when it is evaluated. Immutable: `with` returns a changed copy. A
/// context that was not given is null.
///
/// @param values the contexts by name: `github`, `env`, `needs` and so on; names ignore case
/// @param status answers `success()`, `failure()` and `cancelled()`
/// @param files answers `hashFiles(...)`
public record Contexts(Map<String, Value> values, Status status, FileHasher files) {

  /// Answers the status functions. At job level the names are those of needed jobs, and none means
  /// all of them and what they need; in a step there are no names.
  public interface Status {
    boolean success(List<String> jobs);

    boolean failure(List<String> jobs);

    boolean cancelled();

    /// The status of a job whose steps have gone as `soFar` says.
    static Status of(Outcome soFar) {
      return new Fixed(
          soFar == Outcome.SUCCESS || soFar == Outcome.SKIPPED,
          soFar.failed(),
          soFar == Outcome.CANCELLED);
    }
  }

  /// Hashes the files of the workspace that match the patterns, as `hashFiles` does: the SHA-256 of
  /// the files' SHA-256 digests, or an empty string if none matches.
  @FunctionalInterface
  public interface FileHasher {
    String hash(List<String> patterns);
  }

  private record Fixed(boolean successful, boolean failed, boolean cancelled) implements Status {
    @Override
    public boolean success(List<String> jobs) {
      return successful;
    }

    @Override
    public boolean failure(List<String> jobs) {
      return failed;
    }
  }

  public Contexts {
    values = Collections.unmodifiableSortedMap(copy(values));
  }

  /// Without a comparison where they are in order already, as those of other contexts are.
  private static SortedMap<String, Value> copy(Map<String, Value> values) {
    if (values instanceof SortedMap<String, Value> sorted
        && sorted.comparator() == String.CASE_INSENSITIVE_ORDER) {
      return new TreeMap<>(sorted);
    }
    SortedMap<String, Value> copy = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    copy.putAll(values);
    return copy;
  }

  /// No context, everything successful so far, no files.
  public static Contexts empty() {
    return new Contexts(
        Map.of(),
        Status.of(Outcome.SUCCESS),
        _ -> {
          throw new EvaluationException("hashFiles is not available here: there is no workspace.");
        });
  }

  public Contexts with(String name, Value value) {
    SortedMap<String, Value> changed = copy(values);
    changed.put(name, value);
    return new Contexts(changed, status, files);
  }

  /// With all of these, whatever was there by their names before.
  public Contexts with(Map<String, ? extends Value> more) {
    SortedMap<String, Value> changed = copy(values);
    changed.putAll(more);
    return new Contexts(changed, status, files);
  }

  public Contexts with(Status changed) {
    return new Contexts(values, changed, files);
  }

  public Contexts with(FileHasher changed) {
    return new Contexts(values, status, changed);
  }

  Value named(String name) {
    return values.getOrDefault(name, Value.nothing());
  }
}
