package dev.fairway.workflow;

import java.util.Arrays;
import java.util.List;

/// The events that the language knows and Fairway does not start runs for.
final class EventName {
  static final List<String> SUPPORTED = List.of("push", "pull_request", "workflow_dispatch");

  private static final List<String> PLANNED =
      Arrays.asList(
          """
          branch_protection_rule check_run check_suite create delete deployment deployment_status \
          discussion discussion_comment fork gollum image_version issue_comment issues label \
          merge_group milestone page_build project project_card project_column public \
          pull_request_comment pull_request_review pull_request_review_comment \
          pull_request_target registry_package release repository_dispatch schedule status watch \
          workflow_call workflow_run\
          """
              .split(" "));

  private EventName() {}

  static boolean planned(String name) {
    return PLANNED.contains(name);
  }
}
