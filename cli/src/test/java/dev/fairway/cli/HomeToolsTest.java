package dev.fairway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HomeToolsTest {
  @TempDir Path home;

  private String path(String... folders) {
    var path = new StringBuilder("/usr/bin:/bin");
    for (var folder : folders) {
      path.append(':').append(home.resolve(folder));
    }
    return path.toString();
  }

  @Test
  void ofAToolInAFolderOfItsOwnAllIsNeededAndOfASharedFolderOnlyThePrograms() {
    var tools =
        HomeTools.of(
            home,
            Map.of(
                "PATH", path("bin", ".local/bin", ".cargo/bin", ".nvm/versions/node/v22/bin"),
                "JAVA_HOME", home.resolve(".jdks/25").toString(),
                "M2_HOME", "/opt/maven"));

    assertThat(tools)
        .containsExactly(
            home.resolve("bin"),
            home.resolve(".local/bin"),
            home.resolve(".cargo/bin"),
            home.resolve(".nvm/versions/node/v22"),
            home.resolve(".jdks/25"));
  }

  @Test
  void ofAVersionManagerAllIsNeededThatItHasInstalled() throws Exception {
    Files.createDirectories(home.resolve(".pyenv/versions"));
    Files.createDirectories(home.resolve(".local/share/mise/installs"));
    var path =
        path(
            ".pyenv/plugins/pyenv-virtualenv/shims",
            ".pyenv/shims",
            ".pyenv/bin",
            ".local/share/mise/shims",
            ".config/shims");

    assertThat(HomeTools.of(home, Map.of("PATH", path)))
        .containsExactly(
            home.resolve(".pyenv"),
            home.resolve(".local/share/mise"),
            home.resolve(".config/shims"));
  }

  @Test
  void rustupHasItsToolchainsBesideItsPrograms() throws Exception {
    Files.createFile(Files.createDirectories(home.resolve(".cargo/bin")).resolve("rustup"));

    assertThat(HomeTools.of(home, Map.of("PATH", path(".cargo/bin"))))
        .containsExactly(home.resolve(".cargo/bin"), home.resolve(".rustup"));
  }

  @Test
  void theWholeHomeIsNoTool() {
    assertThat(
            HomeTools.of(
                home, Map.of("PATH", home + "::" + home.resolve("shims"), "JAVA_HOME", "" + home)))
        .containsExactly(home.resolve("shims"));
  }
}
