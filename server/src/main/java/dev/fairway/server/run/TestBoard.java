package dev.fairway.server.run;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.run.report.FlakyTests;
import dev.fairway.server.run.report.Quarantine;
import dev.fairway.server.run.report.Quarantines;
import dev.fairway.server.run.report.TestHistory;
import dev.fairway.server.source.Project;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// The tests of a project that deserve a look.
///
/// @param base number of the newest run on the default branch that has results; null for none
public record TestBoard(Show show, String query, @Nullable Long base, List<Line> lines) {
  private static final int MAX_SHOWN = 100;

  /// Which tests.
  public enum Show {
    /// Those that failed in the default branch's newest run.
    FAILING,
    /// Those that passed and failed on the same commit lately.
    FLAKY,
    /// Those that took longest in the default branch's newest run.
    SLOWEST,
    /// Those whose failures are tolerated.
    QUARANTINED,
    /// Those whose name has the text that was asked for.
    NAMED;

    /// The word that page, CLI and API use.
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Show ofWord(String word) {
      return Arrays.stream(values())
          .filter(each -> each.word().equals(word))
          .findFirst()
          .orElseThrow(() ->
              new FairwayException(
                  ErrorCode.INVALID_INPUT,
                  "There is no list of tests '" + word + "'",
                  "Ask for failing, flaky, slowest, quarantined or named."));
    }
  }

  /// One test.
  ///
  /// @param last its newest execution, or that in the run that the list is about
  /// @param flaky null where it is not
  /// @param quarantine null where it is not in one
  public record Line(
      TestHistory.Latest last, FlakyTests.@Nullable Flaky flaky, @Nullable Quarantine quarantine) {}

  public TestBoard {
    lines = List.copyOf(lines);
  }

  /// @param query the text that names have; empty except for [Show#NAMED]
  static TestBoard of(Handle tx, Project project, Show show, String query, Instant now) {
    var flaky =
        FlakyTests.of(tx, project.id(), now).stream()
            .collect(Collectors.toMap(one -> one.test().fingerprint(), Function.identity()));
    var quarantined =
        Quarantines.open(tx, project.id()).stream()
            .collect(Collectors.toMap(one -> one.test().fingerprint(), Function.identity()));
    var base = Baseline.newestWithTests(tx, project.id(), project.defaultRef());
    var found =
        switch (show) {
          case FAILING ->
              base.map(it -> TestHistory.failed(tx, it.run(), MAX_SHOWN)).orElse(List.of());
          case SLOWEST ->
              base.map(it -> TestHistory.slowest(tx, it.run(), MAX_SHOWN)).orElse(List.of());
          case FLAKY -> TestHistory.newest(tx, project.id(), flaky.keySet());
          case QUARANTINED -> TestHistory.newest(tx, project.id(), quarantined.keySet());
          case NAMED -> named(tx, project, query);
        };
    var lines =
        found.stream()
            .map(last -> {
              var id = last.test().fingerprint();
              return new Line(last, flaky.get(id), quarantined.get(id));
            })
            .toList();
    return new TestBoard(show, query, base.map(Baseline.Base::number).orElse(null), lines);
  }

  private static List<TestHistory.Latest> named(Handle tx, Project project, String query) {
    if (query.length() > TestHistory.MAX_QUERY_CHARS) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "q may have " + TestHistory.MAX_QUERY_CHARS + " characters",
          "Give a shorter part of the name.");
    }
    return TestHistory.named(tx, project.id(), query.strip(), MAX_SHOWN);
  }

  /// One test with all that is known of it.
  ///
  /// @param flaky null where it is not
  /// @param quarantines that it was in, the latest first
  public record Single(
      TestHistory.Latest last,
      FlakyTests.@Nullable Flaky flaky,
      List<Quarantine> quarantines,
      List<TestHistory.Entry> history) {
    public Single {
      quarantines = List.copyOf(quarantines);
      history = List.copyOf(history);
    }

    /// The one that lasts.
    public Optional<Quarantine> quarantine() {
      return quarantines.stream().filter(Quarantine::open).findFirst();
    }
  }

  /// @param fingerprint of the test
  static Single single(Handle tx, Project project, UUID fingerprint, Instant now) {
    var last =
        TestHistory.newest(tx, project.id(), List.of(fingerprint)).stream()
            .findFirst()
            .orElseThrow(() ->
                new FairwayException(
                    ErrorCode.NOT_FOUND,
                    project.name() + " has no test " + fingerprint,
                    "Look at the list of its tests."));
    Map<UUID, FlakyTests.Flaky> flaky =
        FlakyTests.of(tx, project.id(), now).stream()
            .collect(Collectors.toMap(one -> one.test().fingerprint(), Function.identity()));
    return new Single(
        last,
        flaky.get(fingerprint),
        Quarantines.of(tx, project.id(), fingerprint),
        TestHistory.of(tx, project.id(), fingerprint));
  }
}
