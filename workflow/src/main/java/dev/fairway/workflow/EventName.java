package dev.fairway.workflow;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The events that the language knows and Fairway never raises, with the settings that they take.
final class EventName {
  /// The events that start runs here, and the one that calls.
  static final String RAISED =
      "push, pull_request, workflow_dispatch, workflow_call, workflow_run, repository_dispatch,"
          + " schedule, release, deployment, deployment_status";

  static final List<String> PULL_REQUEST_TYPES =
      words(
          """
          assigned unassigned labeled unlabeled opened edited closed reopened synchronize \
          converted_to_draft locked unlocked enqueued dequeued milestoned demilestoned \
          ready_for_review review_requested review_request_removed auto_merge_enabled \
          auto_merge_disabled stacked\
          """);

  static final List<String> RELEASE_TYPES =
      words("published unpublished created edited deleted prereleased released");

  static final List<String> WORKFLOW_RUN_TYPES = words("requested completed in_progress");

  /// An event: what `types` may be, none if it has no such key, and its other keys.
  record Settings(List<String> types, List<String> filters) {}

  private static final Map<String, Settings> NEVER_RAISED =
      table(
          """
          branch_protection_rule: created edited deleted
          check_run: completed created rerequested requested_action
          check_suite: completed
          create:
          delete:
          discussion: created edited deleted transferred pinned unpinned labeled unlabeled locked \
          unlocked category_changed answered unanswered
          discussion_comment: created edited deleted
          fork:
          gollum:
          image_version: created ready deleted | names versions
          issue_comment: created edited deleted
          issues: opened edited deleted transferred pinned unpinned closed reopened assigned \
          unassigned labeled unlabeled locked unlocked milestoned demilestoned field_added \
          field_removed typed untyped
          label: created edited deleted
          merge_group: checks_requested | branches branches-ignore
          milestone: created closed opened edited deleted
          page_build:
          project: created closed reopened edited deleted
          project_card: created moved converted edited deleted
          project_column: created updated moved deleted
          public:
          pull_request_comment: created edited deleted
          pull_request_review: submitted edited dismissed
          pull_request_review_comment: created edited deleted
          registry_package: published updated
          status:
          watch: started
          """);

  private EventName() {}

  /// The settings of an event that is never raised; none if there is no such event.
  static Optional<Settings> neverRaised(String name) {
    return name.equals("pull_request_target")
        ? Optional.of(
            new Settings(PULL_REQUEST_TYPES, words("branches branches-ignore paths paths-ignore")))
        : Optional.ofNullable(NEVER_RAISED.get(name));
  }

  private static Map<String, Settings> table(String lines) {
    Map<String, Settings> table = new LinkedHashMap<>();
    lines
        .lines()
        .forEach(line -> {
          int colon = line.indexOf(':');
          String[] columns = line.substring(colon + 1).split("\\|", -1);
          table.put(
              line.substring(0, colon),
              new Settings(words(columns[0]), columns.length > 1 ? words(columns[1]) : List.of()));
        });
    return table;
  }

  private static List<String> words(String text) {
    return Arrays.stream(text.strip().split("\\s+")).filter(word -> !word.isEmpty()).toList();
  }
}
