package dev.fairway.server.run.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;

final class ReportZipTest {
  private static final String SUREFIRE =
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuite name="dev.example.TransferTest" tests="4" failures="1" errors="1" skipped="1">
        <properties><property name="java.version" value="25"/></properties>
        <testcase name="accepts" classname="dev.example.TransferTest" time="0.012"/>
        <testcase name="refuses" classname="dev.example.TransferTest" time="1.5">
          <failure message="expected: 422 but was: 200" type="AssertionError">at line 88</failure>
          <system-out><![CDATA[noise <b>]]></system-out>
        </testcase>
        <testcase name="breaks" classname="dev.example.TransferTest" time="0">
          <error type="NullPointerException">java.lang.NullPointerException
          at somewhere</error>
        </testcase>
        <testcase name="later" classname="dev.example.TransferTest"><skipped/></testcase>
      </testsuite>
      """;

  @Test
  void countsCasesAndKeepsThoseThatDidNotPass() throws IOException {
    var found = read("surefire/TEST-Transfer.xml", SUREFIRE);

    assertThat(found.unreadable()).isEmpty();
    var report = found.reports().getFirst();
    assertThat(report.passed()).isEqualTo(1);
    assertThat(report.failed()).isEqualTo(2);
    assertThat(report.skipped()).isEqualTo(1);
    assertThat(report.durationMillis()).isEqualTo(1_512);
    assertThat(report.cases().getFirst().message()).isEqualTo("expected: 422 but was: 200");
    assertThat(report.cases().getFirst().detail()).isEqualTo("at line 88");
    assertThat(report.cases().get(1).message()).isEqualTo("java.lang.NullPointerException");
    assertThat(report.executions())
        .extracting(one -> one.identity().title() + " " + one.verdict().word())
        .containsExactly(
            "dev.example.TransferTest.accepts passed",
            "dev.example.TransferTest.refuses failed",
            "dev.example.TransferTest.breaks failed",
            "dev.example.TransferTest.later skipped");
  }

  @Test
  void namesSuitesThatLieInSuites() throws IOException {
    var found =
        read(
            "jest.xml",
            """
            <testsuites><testsuite name="outer"><testsuite name="inner">
            <testcase name="a"><failure/></testcase></testsuite>
            <testcase name="b"><skipped message="not now"/></testcase></testsuite></testsuites>
            """);

    assertThat(found.reports().getFirst().cases())
        .extracting(TestReport.TestCase::suite)
        .containsExactly("inner", "outer");
  }

  @Test
  void readsNoFileThatADocumentTypeNames() throws IOException {
    var found =
        read(
            "evil.xml",
            """
            <!DOCTYPE testsuite [<!ENTITY secret SYSTEM "file:///etc/passwd">]>
            <testsuite name="x"><testcase name="&secret;"/></testsuite>
            """);

    assertThat(found.reports()).isEmpty();
    assertThat(found.unreadable()).hasSize(1);
  }

  @Test
  void namesAReportThatIsCutOff() throws IOException {
    var found = read("half.xml", SUREFIRE.substring(0, 300));

    assertThat(found.unreadable().getFirst()).startsWith("half.xml:").contains("cannot be read");
  }

  @Test
  void passesOverOtherFiles() throws IOException {
    assertThat(read("pom.xml", "<project/>").reports()).isEmpty();
    assertThat(read("page.html", "<!DOCTYPE html><html><br></html>").unreadable()).isEmpty();
    assertThat(read("notes.txt", "ok 1\nnot a report").reports()).isEmpty();
    assertThat(read("data.json", "{\"Action\": \"x\"}").reports()).isEmpty();
    assertThat(ReportZip.read(new ByteArrayInputStream(new byte[] {1, 2, 3})).reports()).isEmpty();
  }

  private static ReportZip.Found read(String name, String text) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry(name));
      zip.write(text.getBytes(StandardCharsets.UTF_8));
      zip.closeEntry();
    }
    return ReportZip.read(new ByteArrayInputStream(bytes.toByteArray()));
  }

  @Test
  void beyondItsLimitOfTextOnlyTheCountsOfAnArtifactAreKept() throws IOException {
    var bytes = new ByteArrayOutputStream();
    var failure = "x".repeat(16_000);
    var one =
        "<testsuite>"
            + ("<testcase name='a'><failure>" + failure + "</failure></testcase>").repeat(600)
            + "</testsuite>";
    try (var zip = new ZipOutputStream(bytes)) {
      for (var i = 0; i < 3; i++) {
        zip.putNextEntry(new ZipEntry("TEST-" + i + ".xml"));
        zip.write(one.getBytes(StandardCharsets.UTF_8));
      }
    }

    var found = ReportZip.read(new ByteArrayInputStream(bytes.toByteArray()));

    assertThat(found.reports()).extracting(TestReport::failed).containsExactly(600, 600, 600);
    assertThat(found.reports())
        .extracting(report -> report.cases().size())
        .containsExactly(600, 0, 0);
  }
}
