package dev.fairway.agent;

import java.util.LinkedHashMap;
import java.util.Map;

/// What the steps of a composite action see of the step that uses it.
///
/// @param inputs the action's, with their defaults
/// @param environment the variables of the step and of those around it
record ActionFrame(ActionCode code, Map<String, String> inputs, Map<String, String> environment) {
  ActionFrame {
    inputs = new LinkedHashMap<>(inputs);
    environment = new LinkedHashMap<>(environment);
  }
}
