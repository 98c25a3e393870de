package dev.fairway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/// A job that works with what other projects of the server hold.
final class OtherProjectsTest extends SystemTest {
  private static final String CI =
      """
      on: push
      jobs:
        own:
          runs-on: linux
          steps:
            - uses: actions/checkout@v4
              with: {repository: cargo}
        given:
          runs-on: linux
          steps:
            - uses: actions/checkout@v4
              with: {submodules: true, token: "${{ secrets.READER }}"}
            - uses: actions/checkout@v4
              with:
                repository: projects/cargo
                path: other
                token: ${{ secrets.READER }}
                sparse-checkout: hold
                github-server-url: ${{ github.server_url }}
            - run: echo "$(cat crates/hold/goods) and $(cat other/hold/goods) of $(ls other)"
      """;

  @Test
  void aJobReadsAnotherProjectWithATokenThatMayAndWithItsOwnItIsToldSo() {
    SampleProject.create(up, ada, "cargo")
        .write("hold/goods", "coffee\n")
        .write("deck/goods", "cars\n")
        .push("Load");
    var project =
        SampleProject.create(up, ada, "freighter")
            .write(".github/workflows/ci.yml", CI)
            .write(
                ".gitmodules", "[submodule \"crates\"]\n  path = crates\n  url = ../cargo.git\n");
    project.as("ada", ada.token()).run("clone", "-q", up.url() + "/git/cargo.git", "crates");
    rosa.api().put("/api/v1/secrets/READER?project=freighter", Map.of("value", mia.token()));
    project.push("Sail");

    var run = project.endedRun(1);

    assertThat(run.path("jobs").valueStream())
        .extracting(job -> job.path("name").asString() + " " + job.path("outcome").asString())
        .containsExactlyInAnyOrder("own failure", "given success");
    run.path("jobs")
        .forEach(job ->
            assertThat(project.log(1, job))
                .contains(
                    job.path("name").asString().equals("own")
                        ? "give `token`, one that may read `cargo`"
                        : "coffee and coffee of hold"));
  }
}
