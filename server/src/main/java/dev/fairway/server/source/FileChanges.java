package dev.fairway.server.source;

import java.util.List;
import java.util.Objects;

/// The files that differ between two commits.
///
/// @param files sorted by path; the first 10,000
/// @param truncated whether there are more of them
public record FileChanges(List<FileChange> files, boolean truncated) {
  public FileChanges {
    files = List.copyOf(files);
  }

  public List<String> paths() {
    return files.stream().map(FileChange::path).toList();
  }

  public int insertions() {
    return files.stream().mapToInt(file -> Objects.requireNonNullElse(file.insertions(), 0)).sum();
  }

  public int deletions() {
    return files.stream().mapToInt(file -> Objects.requireNonNullElse(file.deletions(), 0)).sum();
  }
}
