package dev.fairway.api;

import java.util.List;
import java.util.Locale;

/// The labels by which `runs-on` asks for agents. They are the same in whatever case.
public final class AgentLabels {
  private AgentLabels() {}

  /// How they are kept and compared.
  public static List<String> normal(List<String> labels) {
    return labels.stream().map(label -> label.toLowerCase(Locale.ROOT)).toList();
  }
}
