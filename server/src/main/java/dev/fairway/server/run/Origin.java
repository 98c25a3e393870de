package dev.fairway.server.run;

import dev.fairway.api.Json;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What a run comes from.
///
/// @param event as `github.event_name` has it
/// @param ref in full
/// @param actor the name of who caused it
/// @param title the first line of the commit's message
/// @param payload `github.event`
record Origin(
    UUID projectId,
    String project,
    String event,
    String ref,
    String commit,
    String actor,
    String title,
    JsonNode payload,
    More more) {

  /// What only some origins know.
  ///
  /// @param defaultBranch of the project; empty where it does not matter
  /// @param depth how many runs led to this one, each the event of the next
  record More(String defaultBranch, int depth) {
    static final More NOTHING = new More("", 0);
  }

  Origin(
      UUID projectId,
      String project,
      String event,
      String ref,
      String commit,
      String actor,
      String title,
      JsonNode payload) {
    this(projectId, project, event, ref, commit, actor, title, payload, More.NOTHING);
  }

  /// All projects are the installation's own: as `OWNER/NAME` an action or workflow of one is
  /// `projects/NAME`.
  private static final String OWNER = "projects";

  /// The contexts that hold for the whole run: `github`, `inputs`, `vars`.
  String contexts(
      UUID run,
      long number,
      int attempt,
      String workflow,
      String path,
      JsonNode inputs,
      Map<String, String> variables) {
    var contexts = Json.MAPPER.createObjectNode();
    var github = contexts.putObject("github");
    var tag = ref.startsWith("refs/tags/");
    github
        .put("event_name", event)
        .put("ref", ref)
        .put("ref_name", ref.replaceFirst("^refs/(heads|tags)/", ""))
        .put("ref_type", tag ? "tag" : "branch")
        .put("sha", commit)
        .put("repository", project)
        .put("repository_owner", OWNER)
        .put("repository_id", projectId.toString())
        .put("ref_protected", ref.equals("refs/heads/" + more.defaultBranch()))
        .put("actor", actor)
        .put("workflow", workflow)
        .put("workflow_ref", project + "/" + path + "@" + ref)
        .put("workflow_sha", commit)
        .put("run_id", run.toString())
        .put("run_number", Long.toString(number))
        .put("head_ref", "")
        .put("base_ref", "");
    attempt(github, attempt, actor);
    github.set("event", whole());
    contexts.set("inputs", inputs);
    variables.forEach(contexts.putObject("vars")::put);
    return Json.MAPPER.writeValueAsString(contexts);
  }

  /// The payload with what every event has.
  private JsonNode whole() {
    var whole = Json.MAPPER.createObjectNode();
    whole.setAll((ObjectNode) payload);
    whole.putObject("sender").put("login", actor);
    whole
        .putObject("repository")
        .put("id", projectId.toString())
        .put("name", project)
        .put("full_name", project)
        .put("default_branch", more.defaultBranch())
        .putObject("owner")
        .put("login", OWNER);
    return whole;
  }

  /// The contexts of the next attempt, started by that person.
  static String again(String contexts, int attempt, String actor) {
    var tree = (ObjectNode) Json.MAPPER.readTree(contexts);
    attempt((ObjectNode) tree.get("github"), attempt, actor);
    return Json.MAPPER.writeValueAsString(tree);
  }

  private static void attempt(ObjectNode github, int attempt, String actor) {
    github.put("run_attempt", Integer.toString(attempt)).put("triggering_actor", actor);
  }
}
