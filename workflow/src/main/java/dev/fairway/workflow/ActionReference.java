package dev.fairway.workflow;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// What the `uses` of a step names.
public sealed interface ActionReference {
  /// As the file writes it.
  String text();

  /// An action that Fairway brings along.
  record Builtin(BuiltinAction action, String text) implements ActionReference {}

  /// A folder of the workspace with an `action.yml`.
  ///
  /// @param path relative to the workspace, normalized; empty for the workspace itself
  record Local(String path, String text) implements ActionReference {}

  /// A folder of the repository that the file with the step stands in, at the commit of that file.
  ///
  /// @param path in the repository, normalized; empty for its root
  record Own(String path, String text) implements ActionReference {}

  /// A folder of another repository, at a ref of it.
  ///
  /// @param repository `owner/name`
  /// @param path of the folder in the repository, empty for its root
  /// @param ref a branch, a tag or a commit
  record Repository(String repository, String path, String ref, String text)
      implements ActionReference {

    /// `owner/name@ref`: what has to be resolved to a commit, whatever folder is used.
    public String locked() {
      return repository + "@" + ref;
    }
  }

  /// An image of a container registry.
  ///
  /// @param image without `docker://`
  record Docker(String image, String text) implements ActionReference {}

  /// An action that is named by text: what it is, or why it is none.
  sealed interface Reading {
    record Named(ActionReference reference) implements Reading {}

    /// The language has no such name.
    record Malformed(String reason) implements Reading {}

    /// The language has such a name, and Fairway looks nothing up under it.
    record Refused(String reason) implements Reading {}
  }

  /// What the name of an [Own] one begins with.
  String OWN = "$/";

  /// Letters, digits and what registries and forges allow beside them; nothing that a shell, a URL
  /// or a path reads in another way.
  Pattern SEGMENT = Pattern.compile("[A-Za-z0-9_.-]{1,100}");

  Pattern WORKFLOW = Pattern.compile("/\\.(github|fairway)/workflows/[^/]+\\.ya?ml$");

  /// What git takes for a ref, as far as an action needs it.
  Pattern REF = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_./+-]{0,254}");

  /// Of an image's name, its tag and its digest.
  Pattern IMAGE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_./:@+-]{0,511}");

  static Reading read(String text) {
    if (text.startsWith("docker://")) {
      String image = text.substring("docker://".length());
      return IMAGE.matcher(image).matches()
          ? new Reading.Named(new Docker(image, text))
          : new Reading.Refused("'" + text + "' does not name an image");
    }
    if (text.startsWith("./") || text.equals(".")) {
      return path(text, text)
          .map(path -> named(new Local(path, text)))
          .orElseGet(() -> outside(text));
    }
    if (text.startsWith(OWN) && !text.equals(OWN)) {
      return path(text.substring(OWN.length()).replaceFirst("^/+", ""), text)
          .map(path -> named(new Own(path, text)))
          .orElseGet(() -> outside(text));
    }
    int at = text.indexOf('@');
    if (at > 0 && WORKFLOW.matcher(text.substring(0, at)).find()) {
      return new Reading.Refused(
          "'%s' is a workflow, which a job calls and no step: `jobs.ID.uses`".formatted(text));
    }
    List<String> segments =
        at < 0 ? List.of() : Arrays.asList(text.substring(0, at).split("/", -1));
    if (segments.size() < 2
        || !segments.stream().allMatch(ActionReference::plain)
        || !REF.matcher(text.substring(at + 1)).matches()
        || text.contains("..")) {
      return wellFormed(text)
          ? new Reading.Refused(
              "'%s' is no name that Fairway fetches: write OWNER/NAME[/PATH]@REF, in letters, digits,"
                      .formatted(text)
                  + " '.', '-' and '_'")
          : new Reading.Malformed(
              "Expected format {org}/{repo}[/path]@ref. Actual '%s'".formatted(text));
    }
    Optional<BuiltinAction> builtin = BuiltinAction.of(text.substring(0, at));
    return new Reading.Named(
        builtin.isPresent()
            ? new Builtin(builtin.get(), text)
            : new Repository(
                segments.get(0) + "/" + segments.get(1),
                String.join("/", segments.subList(2, segments.size())),
                text.substring(at + 1),
                text));
  }

  /// What the language itself asks of a name.
  private static boolean wellFormed(String text) {
    String[] halves = text.split("@", -1);
    return halves.length == 2
        && !halves[1].isEmpty()
        && Arrays.stream(halves[0].split("[/\\\\]", -1))
                .filter(segment -> !segment.isEmpty())
                .count()
            >= 2;
  }

  private static Reading named(ActionReference reference) {
    return new Reading.Named(reference);
  }

  private static Reading outside(String text) {
    return new Reading.Refused(
        "The action '%s' lies outside of the repository; copy it there"
            .formatted(text.replaceAll("\\p{Cntrl}", "?")));
  }

  /// Empty for one that leads out of where it begins.
  private static Optional<String> path(String written, String text) {
    if (text.chars().anyMatch(Character::isISOControl)) {
      return Optional.empty();
    }
    Path path = Path.of(written).normalize();
    return path.startsWith("..") || path.isAbsolute()
        ? Optional.empty()
        : Optional.of(path.toString());
  }

  private static boolean plain(String segment) {
    return SEGMENT.matcher(segment).matches() && !segment.equals(".");
  }
}
