package dev.fairway.workflow;

import java.util.List;

/// The `if` of a job or a step. Unless it asks for the status itself, it holds only while
/// everything before it succeeded.
public record Condition(Template template) {
  static final Condition SUCCESS = new Condition(Template.fixed(Position.START, Value.of(true)));

  /// Holds whatever happened.
  static final Condition ALWAYS =
      new Condition(
          new Template(
              Position.START,
              List.of(
                  new Template.Part.Embedded(
                      new Expression("always()", new Node.Call(Function.ALWAYS, List.of())),
                      Position.START))));

  /// Whether it holds when nothing is added to it.
  public boolean holdsAlone(Contexts contexts) {
    return template.evaluate(contexts).truthy();
  }

  public boolean holds(Contexts contexts) {
    if (!template.asksForStatus() && !contexts.status().success(List.of())) {
      return false;
    }
    return template.evaluate(contexts).truthy();
  }

  /// Whether it decides by itself what happens after a failure or a cancellation.
  public boolean asksForStatus() {
    return template.asksForStatus();
  }

  @Override
  public String toString() {
    return template.toString();
  }
}
