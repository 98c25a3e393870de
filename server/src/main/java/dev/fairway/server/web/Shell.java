package dev.fairway.server.web;

import dev.fairway.server.http.Caller;
import dev.fairway.server.http.Permission;
import dev.fairway.server.web.SealSource.Seal;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What every template gets: who looks, at which page, and what stands around it.
public final class Shell {
  /// The items of one area that this caller may see.
  public record Group(NavigationItem.Area area, List<Entry> entries) {
    public Group {
      entries = List.copyOf(entries);
    }
  }

  /// One item with how much waits there.
  public record Entry(String label, String path, long waiting, String topic) {}

  /// What the layout shows around a page; empty around fragments, which have no layout.
  record Frame(List<Group> groups, @Nullable Seal seal) {
    static final Frame NONE = new Frame(List.of(), null);

    Frame {
      groups = List.copyOf(groups);
    }
  }

  private final Page page;
  private final Caller caller;
  private final Frame frame;
  private final Assets assets;
  private final Instant renderedAt;

  Shell(Page page, Caller caller, Frame frame, Assets assets, Instant renderedAt) {
    this.page = page;
    this.caller = caller;
    this.frame = frame;
    this.assets = assets;
    this.renderedAt = renderedAt;
  }

  public Page page() {
    return page;
  }

  public Caller caller() {
    return caller;
  }

  public boolean signedIn() {
    return caller.kind() == Caller.Kind.PERSON;
  }

  public boolean may(Permission permission) {
    return caller.may(permission);
  }

  /// The value that forms send back; empty for nobody.
  public String csrf() {
    return caller.csrf() instanceof String value ? value : "";
  }

  public List<Group> groups() {
    return frame.groups();
  }

  /// The topics after which other things may wait, with a blank between them.
  public String waitingTopics() {
    return groups().stream()
        .flatMap(group -> group.entries().stream())
        .map(Entry::topic)
        .filter(topic -> !topic.isEmpty())
        .distinct()
        .collect(Collectors.joining(" "));
  }

  public @Nullable Seal seal() {
    return frame.seal();
  }

  /// The address of a style sheet, script or picture; it changes with the content.
  public String asset(String name) {
    return assets.path(name);
  }

  /// When the page was made: what changes after that instant, the page hears of.
  public Instant renderedAt() {
    return renderedAt;
  }
}
