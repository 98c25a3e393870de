package dev.fairway.workflow;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What was read from files a moment ago, so that it is not read again for the next job of the same
/// run. It is bounded by how much text that was, since one large file comes to more than a hundred
/// usual ones: a workflow takes up to some sixteen bytes of memory for each character.
///
/// @param <K> what the text is known by
/// @param <R> what it was read as
public final class RecentlyRead<K, R> {
  private final long most;
  private final Map<K, Entry<R>> entries = new LinkedHashMap<>(16, 0.75f, true);
  private long characters;

  private record Entry<R>(long characters, R read) {}

  /// @param most characters of text in all
  public RecentlyRead(long most) {
    this.most = most;
  }

  public synchronized Optional<R> get(K key) {
    return Optional.ofNullable(entries.get(key)).map(Entry::read);
  }

  /// Remembers this, and forgets what was not asked for the longest. A text that is longer than all
  /// that may be remembered is not.
  ///
  /// @param characters of its text
  public synchronized void put(K key, long characters, R read) {
    if (characters > most) {
      return;
    }
    var former = entries.put(key, new Entry<>(characters, read));
    this.characters += characters - (former == null ? 0 : former.characters());
    var eldest = entries.values().iterator();
    while (this.characters > most) {
      this.characters -= eldest.next().characters();
      eldest.remove();
    }
  }
}
