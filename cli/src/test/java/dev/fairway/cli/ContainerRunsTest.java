package dev.fairway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Jobs in containers and services beside them, through a real server, a real agent and podman. The
/// image is made of this machine's busybox, so no registry is asked.
final class ContainerRunsTest extends SystemTest {
  private static final String IMAGE = "localhost/fairway-system-busybox:1";
  private static final String APPLETS =
      "sh echo cat env ls setsid id kill true false sleep test printf grep wget httpd nc mkdir";

  @BeforeAll
  static void haveAnImage() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/podman")), "podman is not installed");
    assumeTrue(Files.isExecutable(Path.of("/bin/busybox")), "busybox-static is not installed");
    if (podman("image", "exists", IMAGE) != 0) {
      importImage();
    }
    assumeTrue(podman("run", "--rm", IMAGE, "true") == 0, "podman cannot run containers here");
  }

  private static int podman(String... words) throws Exception {
    var command = new ArrayList<>(List.of("podman"));
    command.addAll(List.of(words));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    up.containers(builder.environment());
    var process = builder.start();
    process.getInputStream().readAllBytes();
    return process.waitFor();
  }

  private static void importImage() throws Exception {
    var root = up.workFolder("image");
    for (var name : List.of("bin", "tmp", "etc", "www")) {
      Files.createDirectories(root.resolve(name));
    }
    Files.copy(Path.of("/bin/busybox"), root.resolve("bin/busybox"));
    for (var applet : APPLETS.split(" ", -1)) {
      Files.createSymbolicLink(root.resolve("bin").resolve(applet), Path.of("busybox"));
    }
    Files.writeString(root.resolve("etc/passwd"), "root:x:0:0:root:/:/bin/sh\n");
    Files.writeString(root.resolve("www/index.html"), "served by a service\n");
    var tar = up.workFolder("image.tar");
    var packed = new ProcessBuilder("tar", "-C", root.toString(), "-cf", tar.toString(), ".");
    assertThat(packed.start().waitFor()).isZero();
    assumeTrue(podman("import", "-q", tar.toString(), IMAGE) == 0, "podman cannot import here");
  }

  private static JsonNode job(JsonNode run, String name) {
    return run.path("jobs")
        .valueStream()
        .filter(job -> job.path("name").asString().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no job " + name + " in " + run));
  }

  @Test
  void aJobInAContainerReachesItsServicesAndUsesTheActionsOfTheHost() throws IOException {
    var project =
        SampleProject.create(up, ada, "hold")
            .write("file.txt", "checked out")
            .write(
                ".github/workflows/ci.yml",
                """
                on: push
                jobs:
                  inside:
                    runs-on: linux
                    container: {image: IMAGE, env: {FROM: the container}}
                    services:
                      web:
                        image: IMAGE
                        env: {ROOT: /www}
                        options: --entrypoint /bin/httpd
                        command: -f -h /www
                    outputs: {said: "${{ steps.say.outputs.said }}"}
                    steps:
                      - uses: actions/checkout@v4
                      - id: say
                        run: |
                          echo "$(cat file.txt) in $FROM"
                          [ -d /usr/bin ] || echo 'not the machine'
                          echo "said=$(wget -q -O - http://web/)" >> "$GITHUB_OUTPUT"
                      - uses: actions/upload-artifact@v4
                        with: {name: it, path: file.txt}
                  outside:
                    needs: inside
                    runs-on: linux
                    services: ${{ fromJSON('{"web":{"image":"IMAGE","ports":[80],"command":"httpd -f -h /www"}}') }}
                    steps:
                      - uses: actions/download-artifact@v4
                        with: {name: it}
                      - run: |
                          echo "said: ${{ needs.inside.outputs.said }}; $(cat file.txt)"
                          exec 3<>"/dev/tcp/127.0.0.1/${{ job.services.web.ports['80'] }}"
                          printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3
                          tail -1 <&3
                  made:
                    needs: inside
                    runs-on: linux
                    container: ${{ fromJSON(format('{{"image":"IMAGE","env":{{"SAID":"{0}"}}}}', needs.inside.result)) }}
                    steps: [{run: '[ -d /usr/bin ] || echo "inside ended as $SAID"'}]
                  none:
                    runs-on: linux
                    container: ${{ fromJSON('{"image":"IMAGE","privileged":true}') }}
                    steps: [{run: echo}]
                  action:
                    runs-on: linux
                    steps:
                      - uses: docker://IMAGE
                        env: {WHO: an action}
                        with: {entrypoint: /bin/sh, args: '-c "echo $WHO in $PWD"'}
                """
                    .replace("IMAGE", IMAGE));
    project.push("Begin");
    var run = project.endedRun(1);

    var inside = project.log(1, job(run, "inside"));
    assertThat(inside).contains("checked out in the container", "not the machine");
    assertThat(job(run, "inside").path("outcome").asString()).as(inside).isEqualTo("success");
    var outside = project.log(1, job(run, "outside"));
    assertThat(outside).contains("said: served by a service; checked out");
    assertThat(outside.lines().filter(line -> line.endsWith(" served by a service"))).hasSize(1);
    assertThat(job(run, "outside").path("outcome").asString()).as(outside).isEqualTo("success");
    assertThat(project.log(1, job(run, "action"))).contains("an action in /github/workspace");
    assertThat(project.log(1, job(run, "made"))).contains("inside ended as success");
    assertThat(job(run, "none").path("reason").asString())
        .startsWith(".github/workflows/ci.yml:41:16: Unexpected value 'privileged'");
    assertThat(run.path("jobs").valueStream())
        .filteredOn(job -> !job.path("outcome").asString().equals("success"))
        .extracting(job -> job.path("name").asString() + " " + job.path("outcome").asString())
        .containsExactly("none failure");
    assertThat(left()).as("containers of ended jobs").isEmpty();
  }

  private static String left() throws IOException {
    var builder = new ProcessBuilder("podman", "ps", "-aq", "--filter", "ancestor=" + IMAGE);
    up.containers(builder.environment());
    return new String(builder.start().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
