package dev.fairway.server.run.report;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// One report file.
///
/// @param file its path in the artifact
/// @param cases those that did not pass, with what they said, at most [#MAX_CASES]
/// @param executions of every case, at most [#MAX_EXECUTIONS]
public record TestReport(
    String file,
    int passed,
    int failed,
    int skipped,
    long durationMillis,
    List<TestCase> cases,
    List<Execution> executions) {
  /// As many cases of a file are kept with their text; the counts are always whole.
  static final int MAX_CASES = 1_000;

  /// As many cases of a file get an entry in their history.
  static final int MAX_EXECUTIONS = 100_000;

  /// What became of a case.
  public enum Verdict {
    PASSED(0),
    FAILED(1),
    SKIPPED(2);

    private final int code;

    Verdict(int code) {
      this.code = code;
    }

    /// The number that the narrow rows of executions keep.
    int code() {
      return code;
    }

    static Verdict ofCode(int code) {
      return Arrays.stream(values()).filter(one -> one.code == code).findFirst().orElseThrow();
    }

    /// The word that page, CLI, API and database use.
    @JsonValue
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Verdict ofWord(String word) {
      return valueOf(word.toUpperCase(Locale.ROOT));
    }
  }

  /// A case that did not pass.
  ///
  /// @param suite the class or file that the case belongs to
  /// @param message one line
  /// @param detail such as a stack trace; may be empty
  public record TestCase(
      String suite,
      String name,
      Verdict verdict,
      String message,
      String detail,
      long durationMillis) {}

  /// That a case was executed.
  public record Execution(String suite, String name, Verdict verdict, long durationMillis) {
    public TestIdentity identity() {
      return new TestIdentity(TestIdentity.fingerprint(suite, name), suite, name);
    }
  }

  public TestReport {
    cases = List.copyOf(cases);
    executions = List.copyOf(executions);
  }

  /// The same without its cases.
  TestReport counts() {
    return new TestReport(file, passed, failed, skipped, durationMillis, List.of(), List.of());
  }

  /// How much text it holds.
  long chars() {
    var names =
        executions.stream()
            .mapToLong(one -> (long) one.suite().length() + one.name().length())
            .sum();
    return names
        + cases.stream()
            .mapToLong(one -> (long) one.message().length() + one.detail().length())
            .sum();
  }
}
