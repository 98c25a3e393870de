package dev.fairway.server.db;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.jdbi.v3.core.config.JdbiConfig;

/// Something that listeners are told.
///
/// @param payload empty where all that is known is that there may be news
record Note(String channel, String payload) {
  private static final Pattern CHANNEL = Pattern.compile("[a-z_]{1,40}");

  Note {
    if (!CHANNEL.matcher(channel).matches()) {
      throw new IllegalArgumentException("not a channel name: " + channel);
    }
  }

  /// What a transaction tells when it has committed; it belongs to the transaction's handle. The
  /// statements that are made with the handle get a copy, which has nothing to tell.
  public static final class Pending implements JdbiConfig<Pending> {
    private final Set<Note> notes = new LinkedHashSet<>();

    /// Jdbi makes it.
    public Pending() {}

    void add(Note note) {
      notes.add(note);
    }

    Set<Note> notes() {
      return notes;
    }

    @Override
    public Pending createCopy() {
      return new Pending();
    }
  }
}
