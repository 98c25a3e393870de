package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.ResolvedAction;
import dev.fairway.workflow.ActionDefinition;
import dev.fairway.workflow.ActionFile;
import dev.fairway.workflow.ActionParser;
import dev.fairway.workflow.ActionReference;
import dev.fairway.workflow.ActionRuns;
import dev.fairway.workflow.Step;
import dev.fairway.workflow.Tree;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The actions of one job. Those of other repositories, and of its own at the run's commit, are
/// fetched before the first step, with those that composite ones among them use; an action of the
/// workspace is read when its step comes.
final class JobActions {
  /// How deep composite actions may use each other.
  static final int MAX_DEPTH = 10;

  private static final List<String> FILES = List.of("action.yml", "action.yaml");
  private static final int MAX_FILE_BYTES = 1 << 20;

  /// Refusals that are about the action and not about us.
  private static final Set<ErrorCode> ABOUT_THE_ACTION =
      Set.of(
          ErrorCode.NOT_FOUND,
          ErrorCode.FORBIDDEN,
          ErrorCode.CONFLICT,
          ErrorCode.INVALID_INPUT,
          ErrorCode.TOO_LARGE);

  private final JobParts parts;
  private final ActionCache cache;
  private final Containers containers;
  private final Map<String, ResolvedAction> resolved = new LinkedHashMap<>();
  private final Map<ActionReference, ActionCode> codes = new LinkedHashMap<>();
  private final WorkflowHome home;

  JobActions(JobParts parts, ActionCache cache, Containers containers) {
    this.parts = parts;
    this.cache = cache;
    this.containers = containers;
    this.home = WorkflowHome.of(parts.assignment(), parts.host().checkout());
  }

  /// Those of other repositories that the job has fetched so far.
  synchronized List<ResolvedAction> fetched() {
    return List.copyOf(resolved.values());
  }

  /// Fetches what these steps use, and what that uses.
  synchronized void fetch(List<Step> steps) throws IOException, InterruptedException {
    fetch(steps, Optional.empty());
  }

  /// @param around the action whose steps they are
  private void fetch(List<Step> steps, Optional<ActionCode> around)
      throws IOException, InterruptedException {
    requireContainers(steps);
    var wanted = wanted(steps, around);
    for (var depth = 0; !wanted.isEmpty(); depth++) {
      if (depth >= MAX_DEPTH) {
        throw tooDeep(wanted.iterator().next().text());
      }
      resolve(wanted);
      var next = new LinkedHashSet<ActionReference>();
      for (var reference : wanted) {
        var code = load(reference);
        codes.put(reference, code);
        switch (code.definition().runs()) {
          case ActionRuns.Composite composite -> {
            requireContainers(composite.steps());
            next.addAll(wanted(composite.steps(), Optional.of(code)));
          }
          case ActionRuns.Container _ -> {
            var _ = containers.engine("`" + reference.text() + "`");
          }
          case ActionRuns.JavaScript _ -> {}
        }
      }
      wanted = next;
    }
  }

  /// A job that cannot run to its end does not begin.
  private void requireContainers(List<Step> steps) throws IOException, InterruptedException {
    for (var step : steps) {
      if (step instanceof Step.Uses uses
          && uses.action() instanceof ActionReference.Docker docker) {
        var _ = containers.engine("`" + docker.text() + "`");
      }
    }
  }

  static FairwayException tooDeep(String action) {
    return new FairwayException(
        ErrorCode.UNPROCESSABLE,
        "`%s` is used at more than %d levels of composite actions".formatted(action, MAX_DEPTH),
        "See that no action uses itself.");
  }

  /// What [#fetch] has fetched; empty for what it does not fetch.
  ///
  /// @param around the action in whose steps the reference stands
  synchronized Optional<ActionCode> fetched(
      ActionReference reference, Optional<ActionCode> around) {
    return home.seenFrom(around, reference)
        .map(known -> {
          var code = codes.get(known);
          if (code == null) {
            throw new IllegalStateException(reference.text() + " was not fetched");
          }
          return code;
        });
  }

  /// An action of the workspace, as it is now; what it uses is fetched.
  ///
  /// The job may have put anything there, so no link is followed that leaves the workspace.
  synchronized ActionCode local(ActionReference.Local reference, Path workspace)
      throws IOException, InterruptedException {
    var folder = workspace.resolve(reference.path()).normalize();
    var files = new ArtifactFiles(workspace, List.of(workspace));
    for (var name : FILES) {
      var file = folder.resolve(name);
      if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        try (var in = files.open(file)) {
          var shown = workspace.relativize(file).toString();
          var code = new ActionCode(parse(shown, in), shown, folder, workspace, "", "");
          if (code.definition().runs() instanceof ActionRuns.Composite composite) {
            fetch(composite.steps(), Optional.of(code));
          }
          return code;
        }
      }
    }
    return withoutFile(folder, reference.text())
        .map(action -> new ActionCode(action, reference.path(), folder, workspace, "", ""))
        .orElseThrow(() ->
            new FairwayException(
                ErrorCode.UNPROCESSABLE,
                "There is no action.yml, action.yaml or Dockerfile in `%s` of the workspace"
                    .formatted(reference.path()),
                "Does a step with actions/checkout come before this one?"));
  }

  private ActionSource source() {
    return parts.host().actions(parts.cancellation().requested());
  }

  private Set<ActionReference> wanted(List<Step> steps, Optional<ActionCode> around) {
    var found = new LinkedHashSet<ActionReference>();
    for (var step : steps) {
      if (step instanceof Step.Uses uses) {
        home.seenFrom(around, uses.action())
            .filter(reference -> !codes.containsKey(reference))
            .ifPresent(found::add);
      }
    }
    return found;
  }

  private void resolve(Set<ActionReference> wanted) throws IOException, InterruptedException {
    var unknown =
        wanted.stream()
            .filter(ActionReference.Repository.class::isInstance)
            .map(ActionReference.Repository.class::cast)
            .map(ActionReference.Repository::locked)
            .filter(reference -> !resolved.containsKey(reference))
            .distinct()
            .toList();
    if (unknown.isEmpty()) {
      return;
    }
    for (var action : aboutTheAction(() -> source().resolve(unknown))) {
      resolved.put(action.reference(), action);
      parts.log().line("Action %s is commit %s".formatted(action.reference(), action.sha()));
    }
  }

  private ActionCode load(ActionReference reference) throws IOException, InterruptedException {
    return switch (reference) {
      case ActionReference.Repository other -> load(other);
      case ActionReference.Own own -> read(home.folder(), own.path(), own.text(), "", "");
      case ActionReference.Builtin _, ActionReference.Docker _, ActionReference.Local _ ->
          throw new IllegalStateException(reference.text() + " is not fetched");
    };
  }

  private ActionCode load(ActionReference.Repository reference)
      throws IOException, InterruptedException {
    var action = resolved.get(reference.locked());
    if (action == null) {
      throw new FairwayException(
          ErrorCode.INTERNAL, "No commit was named for `" + reference.locked() + "`", "");
    }
    // Two spellings of one name are two folders, whatever the forge thinks of case.
    var root =
        parts
            .folder()
            .actions()
            .resolve(action.repository().replace('/', '+') + "+" + action.sha());
    if (!Files.isDirectory(root)) {
      var zip = aboutTheAction(() -> cache.zip(action, source()));
      ActionZip.unpack(zip, parts.folder(), root);
    }
    return read(root, reference.path(), reference.text(), action.repository(), reference.ref());
  }

  private static ActionCode read(Path root, String path, String text, String repository, String ref)
      throws IOException {
    var folder = root.resolve(path);
    for (var name : FILES) {
      var file = folder.resolve(name);
      if (Files.isRegularFile(file) && file.toRealPath().startsWith(root.toRealPath())) {
        try (var in = Files.newInputStream(file)) {
          var shown = text + "/" + name;
          return new ActionCode(parse(shown, in), shown, folder, root, repository, ref);
        }
      }
    }
    return withoutFile(folder, text)
        .map(known -> new ActionCode(known, text, folder, root, repository, ref))
        .orElseThrow(() ->
            new FairwayException(
                ErrorCode.UNPROCESSABLE,
                "There is no action.yml, action.yaml or Dockerfile in `" + text + "`",
                "See that the folder is spelled as in that repository."));
  }

  /// A Dockerfile alone is an action too.
  private static Optional<ActionDefinition> withoutFile(Path folder, String name) {
    return Files.isRegularFile(folder.resolve("Dockerfile"), LinkOption.NOFOLLOW_LINKS)
        ? Optional.of(
            new ActionDefinition(
                name,
                Map.of(),
                Tree.empty(),
                List.of(),
                new ActionRuns.Container(
                    "Dockerfile",
                    Optional.empty(),
                    Tree.empty(),
                    Tree.empty(),
                    Optional.empty(),
                    Optional.empty())))
        : Optional.empty();
  }

  private static ActionDefinition parse(String file, InputStream in) throws IOException {
    var bytes = in.readNBytes(MAX_FILE_BYTES + 1);
    if (bytes.length > MAX_FILE_BYTES) {
      throw new FairwayException(
          ErrorCode.UNPROCESSABLE, file + " is larger than " + MAX_FILE_BYTES + " bytes", "");
    }
    return switch (ActionParser.parse(file, new String(bytes, StandardCharsets.UTF_8))) {
      case ActionFile.Valid valid -> valid.action();
      case ActionFile.Invalid invalid ->
          throw new FairwayException(
              ErrorCode.UNPROCESSABLE,
              invalid.diagnostics().stream()
                  .map(Object::toString)
                  .collect(Collectors.joining("\n")),
              "");
    };
  }

  private interface Call<T> {
    T make() throws IOException, InterruptedException;
  }

  /// What the source refuses for the action's sake is the workflow's to mend, and no error of ours.
  private static <T> T aboutTheAction(Call<T> call) throws IOException, InterruptedException {
    try {
      return call.make();
    } catch (FairwayException e) {
      if (ABOUT_THE_ACTION.contains(e.code())) {
        throw new FairwayException(
            ErrorCode.UNPROCESSABLE, String.valueOf(e.getMessage()), e.next(), e);
      }
      throw e;
    }
  }

  /// How `GITHUB_ACTION` calls a step without an id.
  static String word(ActionReference action) {
    return "__" + action.text().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "_");
  }
}
