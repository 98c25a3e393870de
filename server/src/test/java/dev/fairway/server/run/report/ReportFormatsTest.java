package dev.fairway.server.run.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;

final class ReportFormatsTest {
  @Test
  void readsTapWithDirectivesFactsAndAPlanThatWasNotKept() throws IOException {
    var report =
        tests(
            """
            TAP version 13
            1..6
            ok 1 - adds # not a directive \\# skip
              ---
              duration_ms: 12.4
              ...
            not ok 2 - subtracts
              ---
              message: 'expected 1, was 2'
              at: sum.js:3
              ...
            ok 3 # SKIP no network here
            not ok 4 - divides # TODO by zero
            ok
            """);

    assertThat(words(report))
        .containsExactly(
            "adds # not a directive # skip passed 12",
            "subtracts failed 0",
            "test 3 skipped 0",
            "divides skipped 0",
            "test 5 passed 0",
            "plan failed 0");
    assertThat(report.cases().getFirst().message()).isEqualTo("expected 1, was 2");
    assertThat(report.cases().getFirst().detail()).contains("at: sum.js:3");
    assertThat(report.cases().get(1).message()).isEqualTo("no network here");
    assertThat(report.cases().getLast().message()).isEqualTo("6 tests were announced, 5 came");
  }

  @Test
  void countsTheSubtestsOfTapAndNotThePointThatSumsThemUp() throws IOException {
    var report =
        tests(
            """
            TAP version 14
            # Subtest: sum
                # Subtest: of two
                    ok 1 - small
                    not ok 2 - large
                    1..2
                not ok 1 - of two
                ok 2 - of none
                1..2
            not ok 1 - sum
            not ok 2 - setup broke
            1..2
            """);

    assertThat(report.executions())
        .extracting(one -> one.suite() + "|" + one.name() + "|" + one.verdict().word())
        .containsExactly(
            "sum › of two|small|passed",
            "sum › of two|large|failed",
            "sum|of none|passed",
            "some.file|setup broke|failed");
  }

  @Test
  void aBailOutIsAFailure() throws IOException {
    var report = tests("1..3\nok 1 - a\nBail out! no database\n");

    assertThat(report.failed()).isEqualTo(2);
    assertThat(report.cases().getFirst().message()).isEqualTo("no database");
  }

  @Test
  void readsWhatGoTests() throws IOException {
    var report =
        tests(
            """
            {"Time":"2026-11-22T14:00:00Z","Action":"start","Package":"dev/pay"}
            {"Action":"run","Package":"dev/pay","Test":"TestSum"}
            {"Action":"run","Package":"dev/pay","Test":"TestSum/small"}
            {"Action":"pass","Package":"dev/pay","Test":"TestSum/small","Elapsed":0.02}
            {"Action":"run","Package":"dev/pay","Test":"TestSum/large"}
            {"Action":"output","Package":"dev/pay","Test":"TestSum/large","Output":"=== RUN   TestSum/large\\n"}
            {"Action":"output","Package":"dev/pay","Test":"TestSum/large","Output":"    sum_test.go:9: want 3, got 4\\n"}
            {"Action":"fail","Package":"dev/pay","Test":"TestSum/large","Elapsed":1.5}
            {"Action":"fail","Package":"dev/pay","Test":"TestSum","Elapsed":1.6}
            {"Action":"run","Package":"dev/pay","Test":"TestLater"}
            {"Action":"skip","Package":"dev/pay","Test":"TestLater","Elapsed":0}
            {"Action":"fail","Package":"dev/pay","Elapsed":1.7}
            {"Action":"output","Package":"dev/broken","Output":"x.go:3: undefined: y\\n"}
            {"Action":"fail","Package":"dev/broken","Elapsed":0}
            {"Action":"run","Package":"dev/panics","Test":"TestBoom"}
            {"Action":"fail","Package":"dev/panics","Elapsed":0.1}
            """);

    assertThat(words(report))
        .containsExactly(
            "TestSum/small passed 20",
            "TestSum/large failed 1500",
            "TestLater skipped 0",
            "(package) failed 0",
            "TestBoom failed 0");
    assertThat(report.cases().getFirst().message()).isEqualTo("sum_test.go:9: want 3, got 4");
    assertThat(report.cases().get(2).message()).isEqualTo("x.go:3: undefined: y");
  }

  @Test
  void readsTrxWithTheClassesThatStandBehindTheResults() throws IOException {
    var report =
        tests(
            """
            <?xml version="1.0" encoding="utf-8"?>
            <TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010">
              <Results>
                <UnitTestResult testId="a" testName="Pay.SumTests.Adds" outcome="Passed" duration="00:00:01.2500000"/>
                <UnitTestResult testId="b" testName="Pay.SumTests.Fails" outcome="Failed" duration="00:00:00.0100000">
                  <Output><ErrorInfo><Message>Expected: 3&#10;Actual: 4</Message><StackTrace>at Sum.cs:9</StackTrace></ErrorInfo></Output>
                </UnitTestResult>
                <UnitTestResult testId="c" testName="Rows" outcome="Failed"><InnerResults>
                  <UnitTestResult testId="c" testName="Rows (1)" outcome="Passed"/>
                  <UnitTestResult testId="c" testName="Rows (2)" outcome="NotExecuted"/>
                </InnerResults></UnitTestResult>
              </Results>
              <TestDefinitions>
                <UnitTest id="a"><TestMethod className="Pay.SumTests" name="Adds"/></UnitTest>
                <UnitTest id="b"><TestMethod className="Pay.SumTests, Pay, Version=1.0" name="Fails"/></UnitTest>
                <UnitTest id="c"><TestMethod className="Pay.RowTests" name="Rows"/></UnitTest>
              </TestDefinitions>
            </TestRun>
            """);

    assertThat(words(report))
        .containsExactly(
            "Adds passed 1250", "Fails failed 10", "Rows (1) passed 0", "Rows (2) skipped 0");
    assertThat(report.executions().getFirst().suite()).isEqualTo("Pay.SumTests");
    assertThat(report.cases().getFirst().message()).isEqualTo("Expected: 3");
    assertThat(report.cases().getFirst().detail()).contains("Actual: 4", "at Sum.cs:9");
  }

  @Test
  void readsTheSumsOfJacocoThoughItNamesADocumentType() throws IOException {
    var found =
        read(
            """
            <?xml version="1.0"?><!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd">
            <report name="pay"><package name="p"><counter type="LINE" missed="9" covered="9"/></package>
            <counter type="LINE" missed="25" covered="75"/><counter type="BRANCH" missed="6" covered="4"/></report>
            """);

    assertThat(found.coverage()).containsExactly(new Coverage("some.file", 75, 100, 4, 10));
  }

  @Test
  void readsCoberturaWhetherItStatesItsSumsOrNot() throws IOException {
    var stated =
        "<coverage line-rate='0.5' lines-covered='5' lines-valid='10' branches-covered='1'"
            + " branches-valid='4'><packages/></coverage>";
    var counted =
        """
        <!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">
        <coverage line-rate="0.5" branch-rate="0.5"><packages><package><classes><class name="A">
          <methods><method><lines><line number="1" hits="1"/></lines></method></methods>
          <lines><line number="1" hits="1"/><line number="2" hits="0" branch="true" condition-coverage="50% (1/2)"/></lines>
        </class></classes></package></packages></coverage>
        """;

    assertThat(read(stated).coverage()).containsExactly(new Coverage("some.file", 5, 10, 1, 4));
    assertThat(read(counted).coverage()).containsExactly(new Coverage("some.file", 1, 2, 1, 2));
  }

  @Test
  void readsLcovWhetherItStatesItsSumsOrNot() throws IOException {
    var found =
        read(
            """
            TN:
            SF:/src/a.js
            DA:1,1
            DA:2,0
            BRDA:1,0,0,-
            BRDA:1,0,1,3
            end_of_record
            SF:/src/b.js
            LF:8
            LH:6
            end_of_record
            """);

    assertThat(found.coverage()).containsExactly(new Coverage("some.file", 7, 10, 1, 2));
  }

  @Test
  void saysWhichReportCannotBeReadAndWhere() throws IOException {
    assertThat(read("SF:a\nDA:1,1\n").unreadable().getFirst()).contains("no end_of_record");
    assertThat(read("{\"Action\":\"run\"}\n{broken\n").unreadable())
        .containsExactly("some.file:2 cannot be read as a report: it is no JSON there");
    assertThat(read("1..1\nok 1\n" + "x".repeat(2 << 20)).unreadable().getFirst())
        .contains("some.file:3", "a line of more than 1048576 bytes");
    assertThat(read("<coverage line-rate='1' lines-valid='1' lines-covered='2'/>").unreadable())
        .containsExactly("some.file cannot be read as a report: its figures contradict each other");
  }

  @Test
  void aReportThatUnpacksToMoreThanItMayIsNotReadToItsEnd() throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry("bomb.xml"));
      zip.write("<testsuite>".getBytes(StandardCharsets.UTF_8));
      var blanks = " ".repeat(1 << 20).getBytes(StandardCharsets.UTF_8);
      for (var i = 0; i <= ReportZip.MAX_FILE_BYTES >> 20; i++) {
        zip.write(blanks);
      }
      zip.closeEntry();
      zip.putNextEntry(new ZipEntry("good.xml"));
      zip.write("<testsuite><testcase name='a'/></testsuite>".getBytes(StandardCharsets.UTF_8));
    }

    var found = ReportZip.read(new ByteArrayInputStream(bytes.toByteArray()));

    assertThat(found.unreadable()).hasSize(1).first().asString().contains("bomb.xml", "more than");
    assertThat(found.reports()).extracting(TestReport::passed).containsExactly(1);
  }

  @Test
  void deepNestingIsRefusedInEveryFormat() throws IOException {
    var deep = "<testsuite>" + "<a>".repeat(100_000);
    assertThat(read(deep).unreadable()).hasSize(1);
    var tap = "1..1\nok\n" + (" ".repeat(4_000) + "ok\n").repeat(100);
    assertThat(read(tap).reports().getFirst().passed()).isEqualTo(101);
  }

  private static List<String> words(TestReport report) {
    return report.executions().stream()
        .map(one -> one.name() + " " + one.verdict().word() + " " + one.durationMillis())
        .toList();
  }

  private static TestReport tests(String text) throws IOException {
    var found = read(text);
    assertThat(found.unreadable()).isEmpty();
    return found.reports().getFirst();
  }

  private static ReportZip.Found read(String text) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry("some.file"));
      zip.write(text.getBytes(StandardCharsets.UTF_8));
      zip.closeEntry();
    }
    return ReportZip.read(new ByteArrayInputStream(bytes.toByteArray()));
  }
}
