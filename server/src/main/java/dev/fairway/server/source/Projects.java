package dev.fairway.server.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Json;
import dev.fairway.server.db.Database;
import dev.fairway.server.db.Ids;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.evidence.PredicateType;
import dev.fairway.server.evidence.Statement;
import dev.fairway.server.evidence.Subject;
import dev.fairway.server.http.Caller;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;

/// All projects, and what each repository holds.
public final class Projects {
  /// One DNS label, because a service of the project is reached by it.
  private static final Pattern NAME = Pattern.compile("[a-z](?:[a-z0-9-]*[a-z0-9])?");

  /// What git takes for a branch's name, and a little less.
  private static final Pattern BRANCH =
      Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_-]*(?:[./][A-Za-z0-9_-]+)*");

  private static final String DEFAULT_BRANCH = "main";

  /// Names that a page's address needs for itself.
  private static final Set<String> RESERVED = Set.of("new");

  /// What the ledger says about a project that was made.
  ///
  /// @param change `created`
  record ProjectPredicate(
      String change, UUID project, String name, String description, String defaultBranch) {}

  private final Database database;
  private final Evidence evidence;
  private final InstantSource clock;
  private final Repositories repositories;

  Projects(Database database, Evidence evidence, InstantSource clock, Repositories repositories) {
    this.database = database;
    this.evidence = evidence;
    this.clock = clock;
    this.repositories = repositories;
  }

  /// Makes a project and its empty repository.
  ///
  /// @param defaultBranch `main` where it is empty
  public Project create(String name, String description, String defaultBranch, Caller by) {
    checkName(name);
    var branch = defaultBranch.isEmpty() ? DEFAULT_BRANCH : defaultBranch;
    check(
        BRANCH.matcher(branch).matches()
            && branch.length() <= 100
            && !branch.endsWith(".lock")
            && !branch.contains(".lock/"),
        "'" + branch + "' cannot be the name of a branch");
    check(
        description.length() <= SourceLimits.MAX_DESCRIPTION_CHARS,
        "The description is longer than " + SourceLimits.MAX_DESCRIPTION_CHARS + " characters");
    if (named(name).isPresent()) {
      throw taken(name);
    }
    var project =
        new Project(
            Ids.next(),
            name,
            description.strip(),
            branch,
            clock.instant().truncatedTo(ChronoUnit.MICROS),
            by.name());
    // The folder first: a row without a repository would break, a folder without a row is only
    // space.
    repositories.create(project.id(), branch);
    try {
      database.run(tx -> {
        if (!ProjectStore.insert(tx, project)) {
          throw taken(name);
        }
        evidence.record(tx, created(project));
      });
    } catch (RuntimeException e) {
      repositories.discard(project.id());
      throw e;
    }
    return project;
  }

  public Optional<Project> named(String name) {
    return database.read(tx -> ProjectStore.find(tx, name));
  }

  /// The project of that name; 404 where there is none.
  public Project require(String name) {
    return named(name)
        .orElseThrow(() ->
            new FairwayException(
                ErrorCode.NOT_FOUND,
                "There is no project named '" + name + "'",
                "Create it on the page of projects, or with `fairway projects create`."));
  }

  public Optional<Project> find(Handle tx, UUID id) {
    return ProjectStore.find(tx, id);
  }

  /// All of them by name.
  public List<Project> all(Handle tx) {
    return ProjectStore.all(tx);
  }

  /// What the project's repository holds.
  public Repository repository(Project project) {
    return repositories.open(project);
  }

  private static void checkName(String name) {
    check(
        NAME.matcher(name).matches() && name.length() <= SourceLimits.MAX_NAME_CHARS,
        "'"
            + name
            + "' cannot be the name of a project: it takes 1 to "
            + SourceLimits.MAX_NAME_CHARS
            + " small letters, digits and hyphens, begins with a letter, and does not end with a"
            + " hyphen");
    check(!RESERVED.contains(name), "'" + name + "' is reserved");
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new FairwayException(ErrorCode.INVALID_INPUT, otherwise, "Choose another.");
    }
  }

  private static FairwayException taken(String name) {
    return new FairwayException(
        ErrorCode.CONFLICT, "A project named '" + name + "' exists", "Choose another name.");
  }

  private static Statement created(Project project) {
    var predicate =
        new ProjectPredicate(
            "created",
            project.id(),
            project.name(),
            project.description(),
            project.defaultBranch());
    return new Statement(
        PredicateType.PROJECT,
        List.of(Subject.sha256(project.name(), digest(predicate))),
        predicate,
        Set.of(project.reference()),
        project.createdBy());
  }

  /// A project has no bytes of its own; its subject is what was said about it.
  private static String digest(ProjectPredicate predicate) {
    try {
      var text = Json.MAPPER.writeValueAsString(predicate);
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
