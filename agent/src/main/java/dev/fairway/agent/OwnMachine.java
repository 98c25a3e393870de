package dev.fairway.agent;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// What jobs see of the person on whose own machine they run: at the place of his home lies one
/// that is empty when a job begins, with some of his folders in it.
///
/// @param home hidden, if he has one
/// @param mounts what jobs see of it nevertheless
public record OwnMachine(Optional<Path> home, List<Mount> mounts) {

  /// A file or folder that jobs see at its own place.
  ///
  /// @param path as the job finds it; a link is followed
  /// @param writable whether what a job writes there stays
  public record Mount(Path path, boolean writable) {}

  public OwnMachine {
    // What is mounted later hides what was mounted before, so the outer ones come first.
    mounts =
        mounts.stream().sorted(Comparator.comparingInt(one -> one.path().getNameCount())).toList();
  }

  /// Whether jobs see that file at its own place.
  boolean shows(Path path) {
    return home.stream().noneMatch(path::startsWith)
        || mounts.stream().anyMatch(mount -> path.startsWith(mount.path()));
  }
}
