package dev.fairway.workflow;

import java.util.Optional;

/// One input of an action.
///
/// @param required whether a caller has to give it, which nobody enforces where a default is there
/// @param defaultValue evaluated when the caller says nothing
/// @param deprecationMessage what a caller is warned of who gives it
public record ActionInput(
    String name,
    boolean required,
    Optional<Template> defaultValue,
    Optional<String> deprecationMessage) {}
