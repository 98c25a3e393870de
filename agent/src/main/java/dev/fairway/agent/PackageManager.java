package dev.fairway.agent;

import java.util.List;

/// A program that downloads what a project depends on, and what `cache` of a setup action keeps of
/// that from job to job.
///
/// @param word how `cache` calls it
/// @param locks patterns of the files that say what is downloaded; the first ones that find any
///   count
/// @param kept where the downloads are
record PackageManager(String word, List<String> locks, Kept kept) {
  static final List<PackageManager> OF_JAVA =
      List.of(
          new PackageManager(
              "maven",
              List.of(
                  """
                  **/pom.xml
                  **/.mvn/wrapper/maven-wrapper.properties
                  **/.mvn/extensions.xml
                  """),
              new Kept.Paths("~/.m2/repository")),
          new PackageManager(
              "gradle",
              List.of(
                  """
                  **/*.gradle*
                  **/gradle-wrapper.properties
                  **/versions.properties
                  buildSrc/**/Versions.kt
                  buildSrc/**/Dependencies.kt
                  gradle/*.versions.toml
                  """),
              new Kept.Paths("~/.gradle/caches\n~/.gradle/wrapper")),
          new PackageManager(
              "sbt",
              List.of(
                  """
                  **/*.sbt
                  **/project/build.properties
                  **/project/*.scala
                  **/project/*.sbt
                  """),
              new Kept.Paths(
                  """
                  ~/.ivy2/cache
                  ~/.sbt
                  ~/.cache/coursier
                  !~/.sbt/*.lock
                  !~/**/ivydata-*.properties
                  """)));

  static final List<PackageManager> OF_NODE =
      List.of(
          new PackageManager(
              "npm",
              List.of("package-lock.json", "npm-shrinkwrap.json", "yarn.lock"),
              new Kept.Asked("npm config get cache")),
          new PackageManager(
              "yarn",
              List.of("yarn.lock"),
              new Kept.Asked(
                  """
                  case "$(yarn --version)" in
                    '') ;;
                    1.*) yarn cache dir ;;
                    *) yarn config get cacheFolder ;;
                  esac
                  """)),
          new PackageManager(
              "pnpm", List.of("pnpm-lock.yaml"), new Kept.Asked("pnpm store path --silent")));

  static final List<PackageManager> OF_PYTHON =
      List.of(
          new PackageManager(
              "pip",
              List.of("**/requirements.txt", "**/pyproject.toml"),
              new Kept.Asked("python -m pip cache dir")),
          new PackageManager(
              "pipenv", List.of("**/Pipfile.lock"), new Kept.Paths("~/.local/share/virtualenvs")),
          new PackageManager(
              "poetry",
              List.of("**/poetry.lock"),
              new Kept.Asked(
                  """
                  if [ "$(poetry config virtualenvs.in-project)" = true ]; then echo "$PWD/.venv"
                  else poetry config virtualenvs.path; fi
                  """)));

  /// Where something is.
  sealed interface Kept {
    /// At these paths, a line for each, as `path` of `actions/cache` has them.
    record Paths(String lines) implements Kept {}

    /// Where this command says, in one line.
    record Asked(String command) implements Kept {}
  }
}
