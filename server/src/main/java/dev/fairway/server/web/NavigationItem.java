package dev.fairway.server.web;

import dev.fairway.server.http.Caller;
import dev.fairway.server.http.Permission;
import org.jdbi.v3.core.Handle;

/// A place in the sidebar, shown to those who may see it.
///
/// @param path where it leads; pages below name it as their section
/// @param permission without it the item is not shown
/// @param waiting what waits there
public record NavigationItem(
    Area area, String label, String path, Permission permission, Waiting waiting) {
  /// The three words of the design, and what keeps the installation itself.
  public enum Area {
    DELIVER("Deliver"),
    OPERATE("Operate"),
    PROVE("Prove"),
    INSTALLATION("");

    private final String title;

    Area(String title) {
      this.title = title;
    }

    public String title() {
      return title;
    }
  }

  /// What waits at a place for a person.
  ///
  /// @param topic of the [live events][LiveEvents] after which it may be another number; empty
  ///   where nothing ever waits
  public record Waiting(String topic, Count count) {
    static final Waiting NOTHING = new Waiting("", (_, _) -> 0);
  }

  /// How many things wait for this person; 0 shows no count.
  @FunctionalInterface
  public interface Count {
    long waitingFor(Handle tx, Caller caller);
  }

  public NavigationItem(Area area, String label, String path, Permission permission) {
    this(area, label, path, permission, Waiting.NOTHING);
  }
}
