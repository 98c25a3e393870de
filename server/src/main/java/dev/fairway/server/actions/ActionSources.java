package dev.fairway.server.actions;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.actions.ActionSettings.Place;
import dev.fairway.server.source.Projects;
import dev.fairway.server.source.RemoteGit;
import dev.fairway.server.source.Repository;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// Looks repositories up where the settings say that they come from.
final class ActionSources {
  private static final String TAGS = "refs/tags/";
  private static final String BRANCHES = "refs/heads/";
  private static final String PEELED = "^{}";

  private final Projects projects;
  private final RemoteGit remote;
  private final Path folder;

  /// @param folder where fetching may work
  ActionSources(Projects projects, RemoteGit remote, Path folder) {
    this.projects = projects;
    this.remote = remote;
    this.folder = folder;
  }

  /// What a tag or branch leads to; where both have the name, the tag.
  ///
  /// @param kind `tag` or `branch`
  /// @param ours whether every move of it is a push to this installation
  record Found(String kind, String sha, String location, boolean ours) {}

  /// Asks the sources in their order, until one has the repository and the tag or branch.
  Found find(ActionSettings settings, ActionReference reference) {
    return places(settings, reference).stream()
        .flatMap(place -> find(place, reference.ref()).stream())
        .findFirst()
        .orElseThrow(() -> missing(settings, reference));
  }

  private Optional<Found> find(Place place, String ref) {
    return switch (place) {
      case Place.Project project ->
          find(projects.repository(projects.require(project.name())), place, ref, true);
      case Place.Folder there ->
          remote.local(there.path()).flatMap(repository -> find(repository, place, ref, false));
      case Place.Remote there -> {
        var wanted = List.of(TAGS + ref, TAGS + ref + PEELED, BRANCHES + ref);
        yield remote.refs(there.url(), wanted).flatMap(refs -> choose(refs, place, ref));
      }
    };
  }

  private static Optional<Found> find(
      Repository repository, Place place, String ref, boolean ours) {
    var tag =
        repository
            .commitOf(TAGS + ref)
            .map(sha -> new Found(ActionLock.TAG, sha, place.toString(), ours));
    return tag.or(() ->
        repository
            .commitOf(BRANCHES + ref)
            .map(sha -> new Found(ActionLock.BRANCH, sha, place.toString(), ours)));
  }

  private static Optional<Found> choose(Map<String, String> refs, Place place, String ref) {
    for (var tag : List.of(TAGS + ref + PEELED, TAGS + ref)) {
      if (refs.get(tag) instanceof String sha) {
        return Optional.of(new Found(ActionLock.TAG, sha, place.toString(), false));
      }
    }
    return Optional.ofNullable(refs.get(BRANCHES + ref))
        .map(sha -> new Found(ActionLock.BRANCH, sha, place.toString(), false));
  }

  /// Where a commit is on a branch or tag of its repository.
  ///
  /// @param commit its ref is the commit
  /// @throws FairwayException UNPROCESSABLE where no source has it there
  String placeOf(ActionSettings settings, ActionReference commit) {
    var places = places(settings, commit);
    if (places.isEmpty()) {
      throw missing(settings, commit);
    }
    return places.stream()
        .filter(place -> holds(place, commit.ref()))
        .findFirst()
        .map(Place::toString)
        .orElseThrow(() ->
            new FairwayException(
                ErrorCode.UNPROCESSABLE,
                "The commit %s is on no branch and no tag of %s: asked %s"
                    .formatted(
                        commit.ref(),
                        commit.repository(),
                        places.stream().map(Place::toString).collect(Collectors.joining(", "))),
                "It may come from a fork, whose commits a forge gives out under this name too. Name"
                    + " a commit of the repository's own branches or tags, or a tag itself."));
  }

  private boolean holds(Place place, String commit) {
    return switch (place) {
      case Place.Project project ->
          projects.repository(projects.require(project.name())).onBranchOrTag(commit);
      case Place.Folder there ->
          remote
              .local(there.path())
              .map(repository -> repository.onBranchOrTag(commit))
              .orElse(false);
      case Place.Remote there -> remote.onBranchOrTag(there.url(), commit, folder);
    };
  }

  /// Writes the files of a commit into a zip, from the first source that has it.
  void archive(ActionSettings settings, ActionReference reference, Path zip) {
    var sha = reference.ref();
    for (var place : places(settings, reference)) {
      var done =
          switch (place) {
            case Place.Project project ->
                archive(projects.repository(projects.require(project.name())), sha, zip);
            case Place.Folder there ->
                remote
                    .local(there.path())
                    .map(repository -> archive(repository, sha, zip))
                    .orElse(false);
            case Place.Remote there -> remote.archive(there.url(), sha, folder, zip);
          };
      if (done) {
        return;
      }
    }
    throw missing(settings, reference);
  }

  /// Writes the files of a project's commit into a zip.
  void archive(String project, String sha, Path zip) {
    if (!archive(projects.repository(projects.require(project)), sha, zip)) {
      throw new FairwayException(
          ErrorCode.UNPROCESSABLE,
          "The project " + project + " has no commit " + sha + " any more",
          "Push it again, or start another run.");
    }
  }

  private static boolean archive(Repository repository, String sha, Path zip) {
    var there = repository.commitOf(sha).filter(sha::equals).isPresent();
    if (there) {
      repository.archive(sha, zip);
    }
    return there;
  }

  private static List<Place> places(ActionSettings settings, ActionReference reference) {
    return settings.sources().stream()
        .filter(source -> source.fits(reference))
        .map(source -> source.place(reference))
        .toList();
  }

  private static FairwayException missing(ActionSettings settings, ActionReference reference) {
    var asked = places(settings, reference).stream().map(Place::toString).toList();
    return new FairwayException(
        ErrorCode.UNPROCESSABLE,
        asked.isEmpty()
            ? "No source of actions is for " + reference
            : reference + " is not there: asked " + String.join(", ", asked),
        "Check the name and the tag, branch or whole commit id behind '@'; an administrator decides"
            + " where actions come from.");
  }
}
