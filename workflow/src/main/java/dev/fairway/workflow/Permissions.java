package dev.fairway.workflow;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What the token of a job may do: a level for each scope of the language. They bound the token;
/// whatever they do not name is [Level#NONE].
///
/// @param levels without those that are none
public record Permissions(Map<Scope, Level> levels) {

  /// What is allowed in a scope; each level includes the ones before it.
  public enum Level {
    NONE,
    READ,
    WRITE;

    /// As a workflow writes it.
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Level> named(String word) {
      return Arrays.stream(values()).filter(level -> level.word().equals(word)).findFirst();
    }
  }

  /// What a token reaches, in the order in which messages list them.
  public enum Scope {
    ACTIONS,
    CHECKS,
    CONTENTS,
    DEPLOYMENTS,
    DISCUSSIONS,
    ISSUES,
    PACKAGES,
    PAGES,
    PULL_REQUESTS,
    REPOSITORY_PROJECTS,
    STATUSES,
    SECURITY_EVENTS,
    ID_TOKEN(Level.WRITE),
    ARTIFACT_METADATA,
    ATTESTATIONS,
    CODE_QUALITY,
    COPILOT_REQUESTS(Level.WRITE),
    DRIVES,
    MODELS(Level.READ),
    VULNERABILITY_ALERTS(Level.READ);

    private final List<Level> levels;

    Scope() {
      this.levels = List.of(Level.NONE, Level.READ, Level.WRITE);
    }

    Scope(Level only) {
      this.levels = List.of(Level.NONE, only);
    }

    /// As a workflow writes it.
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Optional<Scope> named(String word) {
      return Arrays.stream(values()).filter(scope -> scope.word().equals(word)).findFirst();
    }

    /// Whether the scope has this level: some can only be read, or only be written.
    boolean has(Level level) {
      return levels.contains(level);
    }

    /// What one word for all scopes gives it: the highest of its levels that the word covers.
    /// `read-all` is said to let an identity token be read, which nothing can ask for alone.
    private Level atMost(Level level) {
      return this == ID_TOKEN
          ? level
          : levels.reversed().stream()
              .filter(own -> own.compareTo(level) <= 0)
              .findFirst()
              .orElse(Level.NONE);
    }
  }

  /// Nothing at all, as `permissions: {}` asks for.
  public static final Permissions NOTHING = new Permissions(Map.of());

  /// Those of a job that says nothing in a workflow that says nothing: to read what it builds.
  public static final Permissions DEFAULT =
      new Permissions(Map.of(Scope.CONTENTS, Level.READ, Scope.PACKAGES, Level.READ));

  public Permissions {
    Map<Scope, Level> copy = new EnumMap<>(Scope.class);
    levels.forEach((scope, level) -> {
      if (level != Level.NONE) {
        copy.put(scope, level);
      }
    });
    levels = Collections.unmodifiableMap(copy);
  }

  /// `read-all` and `write-all`.
  public static Permissions all(Level level) {
    Map<Scope, Level> levels = new EnumMap<>(Scope.class);
    for (Scope scope : Scope.values()) {
      levels.put(scope, scope.atMost(level));
    }
    return new Permissions(levels);
  }

  public Level level(Scope scope) {
    return levels.getOrDefault(scope, Level.NONE);
  }

  public boolean allows(Scope scope, Level level) {
    return level(scope).compareTo(level) >= 0;
  }

  /// The same, where each scope has at most the level that it has in `limit`: those of a called
  /// workflow may only shrink.
  public Permissions within(Permissions limit) {
    Map<Scope, Level> levels = new EnumMap<>(Scope.class);
    this.levels.forEach((scope, level) ->
        levels.put(scope, limit.allows(scope, level) ? level : limit.level(scope)));
    return new Permissions(levels);
  }

  /// The scopes in which these ask for more than `limit` has.
  List<Scope> beyond(Permissions limit) {
    return levels.entrySet().stream()
        .filter(entry -> !limit.allows(entry.getKey(), entry.getValue()))
        .map(Map.Entry::getKey)
        .toList();
  }

  /// Levels by scope in the words of the language, without those that are none.
  public Map<String, String> words() {
    Map<String, String> words = new LinkedHashMap<>();
    levels.forEach((scope, level) -> words.put(scope.word(), level.word()));
    return words;
  }
}
