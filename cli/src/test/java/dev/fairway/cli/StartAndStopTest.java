package dev.fairway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Whatever is started can be ended, at any time.
final class StartAndStopTest {
  private static UpProcess up;

  @BeforeAll
  static void makeAnInstallation() {
    up = UpProcess.start();
    up.stop();
  }

  @AfterAll
  static void endIt() {
    up.close();
  }

  @Test
  void aSignalInTheMiddleOfTheStartEndsWhatWasStarted() {
    up.begin();
    Eventually.holds("the database runs", () -> up.postgresql().isPresent());

    up.stop();

    assertThat(up.postgresql()).as("the database").isEmpty();
    assertThat(up.leftovers())
        .as("only the proxy goes on")
        .allMatch(process -> process.pid() == up.companion("proxy"));
  }

  @Test
  void downEndsWhatAServerLeftThatWasKilled() {
    up.startAgain();
    up.kill();
    assertThat(up.postgresql()).as("the database outlives the server").isPresent();

    var down = MainTest.execute("down", "--data", up.data().toString());

    assertThat(down.exit()).as(down.toString()).isEqualTo(ExitCode.SUCCESS);
    assertThat(up.leftovers()).isEmpty();
  }
}
