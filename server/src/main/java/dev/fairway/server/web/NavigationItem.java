package dev.fairway.server.web;

import dev.fairway.server.http.Caller;
import dev.fairway.server.http.Permission;
import org.jdbi.v3.core.Handle;

/// A place in the sidebar, shown to those who may see it.
///
/// @param path where it leads; pages below name it as their section
/// @param permission without it the item is not shown
public record NavigationItem(
    Area area, String label, String path, Permission permission, WaitingCount waiting) {
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

  /// How many things wait for this person; 0 shows no count.
  @FunctionalInterface
  public interface WaitingCount {
    long waitingFor(Handle tx, Caller caller);
  }

  public NavigationItem(Area area, String label, String path, Permission permission) {
    this(area, label, path, permission, (_, _) -> 0);
  }
}
