package dev.fairway.server.evidence;

import java.util.List;
import java.util.Set;

/// Something that happened, to be signed and logged.
///
/// @param subjects what it is about, at least one
/// @param predicate a record or map that becomes the predicate's JSON
/// @param about references by which pages and packs find the entry, such as `project:UUID`,
///   `commit:SHA`, `run:UUID`, `release:UUID`, `deployment:UUID`, `environment:NAME`, `user:UUID`
/// @param actor the name of who did it: a person, an agent, or `fairway`
public record Statement(
    PredicateType type, List<Subject> subjects, Object predicate, Set<String> about, String actor) {
  public Statement {
    subjects = List.copyOf(subjects);
    about = Set.copyOf(about);
    if (subjects.isEmpty()) {
      throw new IllegalArgumentException("a statement needs a subject");
    }
  }
}
