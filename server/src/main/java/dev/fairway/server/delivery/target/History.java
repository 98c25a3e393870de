package dev.fairway.server.delivery.target;

import dev.fairway.api.DurableFiles;
import dev.fairway.api.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.ToIntFunction;

/// Which releases got the traffic of each route, newest first: what retention goes by.
final class History {
  record Entry(UUID instance, String releaseDigest, Instant at) {}

  private static final String SUFFIX = ".json";
  private static final int CURRENT_AND_PREVIOUS = 2;

  private final Path folder;

  History(Path folder) throws IOException {
    this.folder = Files.createDirectories(folder);
  }

  /// Repeating the newest entry changes nothing.
  synchronized void add(String route, Entry entry) throws IOException {
    var entries = new ArrayList<>(read(file(route)));
    if (!entries.isEmpty() && entries.getFirst().instance().equals(entry.instance())) {
      return;
    }
    entries.addFirst(entry);
    var kept = entries.subList(0, Math.min(entries.size(), TargetLimits.HISTORY_ENTRIES));
    DurableFiles.replace(folder.resolve(route + SUFFIX), Json.MAPPER.writeValueAsBytes(kept));
  }

  /// The releases of all routes that stay for rollback: the last few of each.
  ///
  /// @param count how many, by the name of a route; the current one and the one before stay in any
  ///   case
  synchronized Set<String> keptReleases(ToIntFunction<String> count) throws IOException {
    var kept = new LinkedHashSet<String>();
    try (var files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
      for (var file : files) {
        var name = file.getFileName().toString();
        var route = name.substring(0, name.length() - SUFFIX.length());
        read(file).stream()
            .map(Entry::releaseDigest)
            .distinct()
            .limit(Math.max(CURRENT_AND_PREVIOUS, count.applyAsInt(route)))
            .forEach(kept::add);
      }
    }
    return kept;
  }

  synchronized void forget(String route) throws IOException {
    Files.deleteIfExists(file(route));
  }

  private static List<Entry> read(Path file) throws IOException {
    return Files.exists(file)
        ? List.of(Json.MAPPER.readValue(Files.readAllBytes(file), Entry[].class))
        : List.of();
  }

  private Path file(String route) {
    return folder.resolve(route + SUFFIX);
  }
}
