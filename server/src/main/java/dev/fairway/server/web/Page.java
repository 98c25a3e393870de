package dev.fairway.server.web;

import java.util.ArrayList;
import java.util.List;

/// What a page says about itself; the rest of the [Shell] is the same everywhere.
///
/// @param title of the browser's tab and of the last crumb
/// @param section the path of the [NavigationItem] that is current; empty for none
/// @param crumbs the way back, outermost first, without the page itself
/// @param scripts what this page needs beside the shared ones, by their names under `static`
public record Page(String title, String section, List<Crumb> crumbs, List<String> scripts) {
  /// One step of the way back.
  public record Crumb(String label, String href) {}

  public Page {
    crumbs = List.copyOf(crumbs);
    scripts = List.copyOf(scripts);
  }

  public static Page of(String title) {
    return new Page(title, "", List.of(), List.of());
  }

  /// The page belongs to the navigation item with that path.
  public Page in(String section) {
    return new Page(title, section, crumbs, scripts);
  }

  /// Adds a crumb before the page itself.
  public Page under(String label, String href) {
    return new Page(title, section, with(crumbs, new Crumb(label, href)), scripts);
  }

  /// Loads one more script, such as `log-viewer.js`.
  public Page script(String name) {
    return new Page(title, section, crumbs, with(scripts, name));
  }

  private static <T> List<T> with(List<T> list, T last) {
    var all = new ArrayList<>(list);
    all.add(last);
    return all;
  }
}
