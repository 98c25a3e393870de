package dev.fairway.cli;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Projects: a repository each, and what Fairway knows about it.
@Command(
    name = "projects",
    description = "Create and list projects.",
    mixinStandardHelpOptions = true,
    subcommands = {ProjectsCommand.Create.class, ProjectsCommand.ListAll.class})
final class ProjectsCommand {

  @Command(
      name = "create",
      description = "Create a project with an empty repository.",
      mixinStandardHelpOptions = true)
  static final class Create implements Callable<Integer> {
    @Mixin
    @SuppressWarnings("NullAway.Init")
    private Output output;

    @Parameters(paramLabel = "NAME", description = "Lower-case letters, digits and dashes.")
    @SuppressWarnings("NullAway.Init")
    private String name;

    @Option(names = "--description", description = "What it is, in one sentence.")
    private String description = "";

    @Override
    public Integer call() {
      try (var api = ApiClient.ofEnvironment()) {
        var project =
            api.post("/api/v1/projects", Map.of("name", name, "description", description));
        output.print(
            project,
            () -> {
              output.writer().println("Created " + name + ". Push to it with:");
              output
                  .writer()
                  .println("  git remote add fairway " + api.url() + "/git/" + name + ".git");
              output.writer().println("  git push fairway main");
            });
      }
      return ExitCode.SUCCESS;
    }
  }

  @Command(name = "list", description = "List the projects.", mixinStandardHelpOptions = true)
  static final class ListAll implements Callable<Integer> {
    @Mixin
    @SuppressWarnings("NullAway.Init")
    private Output output;

    @Override
    public Integer call() {
      try (var api = ApiClient.ofEnvironment()) {
        var projects = api.get("/api/v1/projects");
        output.print(
            projects,
            () ->
                output.table(
                    List.of("NAME", "DESCRIPTION"),
                    projects
                        .path("items")
                        .valueStream()
                        .map(project ->
                            List.of(
                                project.path("name").asString(),
                                project.path("description").asString()))
                        .toList()));
      }
      return ExitCode.SUCCESS;
    }
  }
}
