package dev.fairway.ledger;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The claim that a pack is complete: which entries of the log, up to a size, concern the pack's
/// things. It is itself an entry of the log, so nobody but the log's operator can make a smaller
/// pack, and the operator cannot take back what it claimed.
///
/// @param title what the pack is about, for people
/// @param about the references that were looked for
/// @param from size of the log at the start of the period
/// @param to size of the log at its end; every index is below
/// @param indices of the entries, ascending
/// @param since when the period begins, where one was asked for: `from` is the size of the newest
///   checkpoint that was signed before
/// @param until when it ends, and `to` likewise
public record Population(
    String title,
    List<String> about,
    long from,
    long to,
    List<Long> indices,
    Optional<Instant> since,
    Optional<Instant> until) {
  /// Predicate type of the statement that holds it.
  public static final String PREDICATE = "https://fairway.dev/attestation/population/v1";

  /// Most entries in a pack.
  public static final int MAX_ENTRIES = 10_000;

  private static final int MAX_REFERENCES = 1_000;

  public Population {
    about = List.copyOf(about);
    indices = List.copyOf(indices);
  }

  static Population of(InTotoStatement statement) throws Refusal {
    if (!statement.predicateType().equals(PREDICATE)) {
      throw new Refusal(
          Flaw.INCOMPLETE, "it claims no population but is " + statement.predicateType());
    }
    var json = JsonReader.read(statement.predicate().getBytes(StandardCharsets.UTF_8));
    var fields =
        Fields.of(json, "predicate", Flaw.BAD_STATEMENT)
            .only("title", "about", "from", "to", "indices", "since", "until");
    var about = new ArrayList<String>();
    for (var item : fields.list("about", MAX_REFERENCES)) {
      if (!(item instanceof Json.Str reference)) {
        throw new Refusal(Flaw.BAD_STATEMENT, "a reference is not a string");
      }
      about.add(reference.value());
    }
    var indices = new ArrayList<Long>();
    for (var item : fields.list("indices", MAX_ENTRIES)) {
      if (!(item instanceof Json.Num number) || !number.text().matches("0|[1-9][0-9]{0,17}")) {
        throw new Refusal(Flaw.BAD_STATEMENT, "an index is not a count");
      }
      indices.add(Long.parseLong(number.text()));
    }
    return new Population(
        fields.text("title"),
        about,
        fields.count("from"),
        fields.count("to"),
        indices,
        instant(fields, "since"),
        instant(fields, "until"));
  }

  private static Optional<Instant> instant(Fields fields, String name) throws Refusal {
    if (!fields.has(name)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Instant.parse(fields.text(name)));
    } catch (DateTimeException notTime) {
      throw new Refusal(Flaw.BAD_STATEMENT, fields.at(name) + " is not a time");
    }
  }
}
