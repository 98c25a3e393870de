package dev.fairway.server.run.report;

import java.util.List;

/// One report file.
///
/// @param file its path in the artifact
/// @param cases those that did not pass, at most [#MAX_CASES]
/// @param passedNames of the cases that passed, at most [#MAX_NAMES]
public record TestReport(
    String file,
    int passed,
    int failed,
    int skipped,
    long durationMillis,
    List<TestCase> cases,
    List<String> passedNames) {
  /// As many cases of a file are kept with their text; the counts are always whole.
  static final int MAX_CASES = 1_000;

  static final int MAX_NAMES = 1_000;

  /// What became of a case that did not pass.
  public enum Verdict {
    FAILED,
    SKIPPED
  }

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

  public TestReport {
    cases = List.copyOf(cases);
    passedNames = List.copyOf(passedNames);
  }

  /// The same without its cases.
  TestReport counts() {
    return new TestReport(file, passed, failed, skipped, durationMillis, List.of(), List.of());
  }

  /// How much text it holds.
  long chars() {
    var names = passedNames.stream().mapToLong(String::length).sum();
    return names
        + cases.stream()
            .mapToLong(one ->
                (long) one.suite().length()
                    + one.name().length()
                    + one.message().length()
                    + one.detail().length())
            .sum();
  }
}
