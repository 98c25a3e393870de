package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CachePathsTest {
  private static final Path WORK = Path.of("/jobs/1/work/till");

  private static CachePaths paths(String text) {
    return CachePaths.of(text, WORK, "/jobs/1/home", Path.of("/jobs/1"));
  }

  private static Iterable<String> chosen(String text, String... found) {
    return paths(text).chosen(List.of(found));
  }

  @Test
  void aPatternMeansWhatItNamesAndWhatIsInIt() {
    assertThat(
            chosen(
                "*/node_modules\n~/.m2/[a-r]*",
                WORK.toString(),
                WORK + "/a",
                WORK + "/a/node_modules",
                WORK + "/a/node_modules/x",
                WORK + "/a/b/node_modules",
                "/jobs/1/home/.m2/repository",
                "/jobs/1/home/.m2/wrapper"))
        .containsExactly("a/node_modules", "../../home/.m2/repository");
    assertThat(chosen("**/.cach?", WORK + "/.cache", WORK + "/a/b/.cache", WORK + "/a/cache"))
        .containsExactly(".cache", "a/b/.cache");
    assertThat(chosen(".", WORK.toString())).containsExactly(".");
    assertThat(chosen("/opt/*", "/opt/x")).containsExactly("/opt/x");
  }

  @Test
  void theLastLineThatFitsDecidesAboutEachFile() {
    assertThat(
            chosen(
                "# what we need\ndeps\n! deps/**/*.lock\ndeps/keep.lock",
                WORK + "/deps",
                WORK + "/deps/a",
                WORK + "/deps/sub",
                WORK + "/deps/sub/b.lock",
                WORK + "/deps/keep.lock"))
        .containsExactly("deps", "deps/a", "deps/sub", "deps/keep.lock");
  }

  @Test
  void theVersionIsThatOfTheOfficialClient() {
    // As `getCacheVersion(['node_modules', '~/.npm', '!x'], 'zstd-without-long')` has it.
    assertThat(paths(" node_modules \n\n~/.npm\n!  x").version("zstd-without-long"))
        .isEqualTo("7a9a1dedbde41006890f55ee5e74c69a2458ab2fcb190627690c25d09e06f163");
  }
}
