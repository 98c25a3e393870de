package dev.fairway.server.delivery.target;

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

/// Which releases got the traffic of each route, newest first: what retention goes by.
final class History {
  record Entry(UUID instance, String releaseDigest, Instant at) {}

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
    DurableFiles.replace(folder, route + ".json", Json.MAPPER.writeValueAsBytes(kept));
  }

  /// The releases of all routes that stay for rollback: the last few of each, and so the current
  /// one and the one before in any case.
  synchronized Set<String> keptReleases() throws IOException {
    var kept = new LinkedHashSet<String>();
    try (var files = Files.newDirectoryStream(folder, "*.json")) {
      for (var file : files) {
        read(file).stream()
            .map(Entry::releaseDigest)
            .distinct()
            .limit(TargetLimits.RELEASES_KEPT)
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
    return folder.resolve(route + ".json");
  }
}
