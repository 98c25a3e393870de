package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.workflow.BuiltinAction;
import dev.fairway.workflow.Value;
import java.util.Map;
import java.util.Optional;

/// The `with` of a built-in action. What the action does not honour is refused, never ignored.
record ActionInputs(String action, Map<String, String> values) {
  ActionInputs {
    Map<String, String> copy = Value.caseInsensitiveMap();
    values.forEach((name, value) -> copy.put(name, value.strip()));
    values = copy;
  }

  /// Refuses what the action does not honour. The workflow was checked for that before; an
  /// expression may bring other names and values.
  void only(BuiltinAction known) {
    values.forEach((name, value) ->
        known
            .refusal(name, Optional.of(value).filter(text -> !text.isEmpty()))
            .ifPresent(why -> {
              throw new FairwayException(ErrorCode.INVALID_INPUT, why, "");
            }));
  }

  String text(String name, String otherwise) {
    var value = values.getOrDefault(name, "");
    return value.isEmpty() ? otherwise : value;
  }

  /// A text by which people will find what the action makes; refused where it shows a secret, which
  /// they may not know.
  String publicText(String name, String otherwise, Masker masker) {
    var text = text(name, otherwise);
    if (!masker.mask(text).equals(text)) {
      throw refused(name, "shows a secret, and everybody who sees the run would see it");
    }
    return text;
  }

  boolean flag(String name, boolean otherwise) {
    return switch (text(name, Boolean.toString(otherwise))) {
      case "true", "True", "TRUE" -> true;
      case "false", "False", "FALSE" -> false;
      default -> throw refused(name, "must be true or false");
    };
  }

  int number(String name, int otherwise, int most) {
    var text = text(name, Integer.toString(otherwise));
    if (!text.matches("\\d{1,9}") || Integer.parseInt(text) > most) {
      throw refused(name, "must be a number from 0 to " + most);
    }
    return Integer.parseInt(text);
  }

  FairwayException refused(String name, String why) {
    return new FairwayException(
        ErrorCode.INVALID_INPUT, "%s: the input `%s` %s".formatted(action, name, why), "");
  }
}
