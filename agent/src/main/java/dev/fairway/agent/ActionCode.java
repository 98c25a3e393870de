package dev.fairway.agent;

import dev.fairway.workflow.ActionDefinition;
import java.nio.file.Path;

/// An action whose code is on this machine.
///
/// @param folder with its files; the job can read it
/// @param root the folder that `folder` and all that the action needs lies in
/// @param repository `owner/name`; empty for an action of the workspace
/// @param ref as the workflow names it; empty for an action of the workspace
record ActionCode(
    ActionDefinition definition, Path folder, Path root, String repository, String ref) {}
